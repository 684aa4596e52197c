const sshClient = 'how OpenSSH’s client is refused: test/sandbox/openssh.machine.test.ts looks at that';

/** Records that are not replayed, and why. */
export const skippedRecords: Readonly<Record<string, string>> = {
  'config-107':
    'a command line of 60,000 bytes: the sandbox’s SSH library takes packets up to 35,000 bytes (RFC 4253), OpenSSH more',
  'config-108': 'a command line of 130,000 bytes: the same',
  'config-110': 'lists what those two have set',
  'ssh-098': 'kills the first process of a container, which the kernel does not do; here it is killed (137)',
  'git-001': sshClient,
  'git-002': sshClient,
  'git-003': sshClient,
  'git-004': sshClient,
  'git-005': sshClient,
  'git-006': sshClient,
  'ops-188': 'lists a folder of a container, which the sandbox does not have',
};

const prose = 'Dokku’s own help text, which the sandbox does not repeat';
const trace = 'the trace of Dokku’s own shell scripts';

/** Records whose words differ though the exit code is the same, and why that is left so. */
export const differingRecords: Readonly<Record<string, string>> = {
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
  'basic-036': 'has no plugins for certificates and maintenance',
  'ssh-101': 'the user of a container, and the one of this machine',
  'ssh-104': 'the host name of a container',
  'git-030': 'git’s advice, which depends on its version and on the branch that is checked out',
  'git-070': 'the early rebuild of the proxy finds nothing to do there after a failed first deploy',
  'git-038': 'what Dokku’s scripts say of a commit that is none',
  'ops-007': 'lists every app of the recorder’s host',
  'ops-016': 'a Python traceback of the host behind Docker’s message',
  'ops-018': 'a process type that is not there restarts nothing there, and the web process here',
  'ops-027': 'the old containers and images of the recorder’s host',
  'ops-046': 'said with Dokku’s quiet switch, which leaves the scripts’ own output away',
  'ops-173': 'an nginx configuration: the sandbox has no nginx, and tells what it serves',
  'ops-191': trace,
  'ops-212': 'says that the old app’s containers are shut down in a minute; here they are gone at once',
  'deploy-other-029': 'a random key’s fingerprint and picture',
  'deploy-other-030': 'a random key',
  'deploy-other-044': 'the old containers and images of the recorder’s host',
  'services-081': 'the address of the recorder’s name server',
};
