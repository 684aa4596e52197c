/** Records that are not replayed, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  'config-107':
    'a command line of 60,000 bytes: the sandbox’s SSH library takes packets up to 35,000 bytes (RFC 4253), OpenSSH more',
  'config-108': 'a command line of 130,000 bytes: the same',
  'config-110': 'lists what those two have set',
};

const prose = 'Dokku’s own help text, which the sandbox does not repeat';
const trace = 'the trace of Dokku’s own shell scripts';

/** Records whose words differ though the exit code is the same, and why that is left so. */
export const otherWords: Readonly<Record<string, string>> = {
  'basic-004': prose,
  'basic-005': prose,
  'basic-030': prose,
  'basic-031': prose,
  'apps-025': 'tells of apps that had been deployed on the recorder’s host',
  'apps-069': trace,
  'ssh-033': trace,
  'ssh-043': trace,
  'services-061': 'a dump names its database server’s version and time',
  'services-119': 'a dump names its database server’s version and time',
  'services-070': 'the log of another database server',
  'services-081': 'the address of the recorder’s name server',
};
