const sshClient = 'how the server refuses OpenSSH’s client; covered by test/sandbox/openssh.machine.test.ts';

const noMaintenance =
  'the first recorded host could not write the maintenance plugin’s folder; the second recording has the plugin at work';

/** The first sixteen records of a group were only timed. */
const timed = Array.from({ length: 16 }, (_, index) => `timing-2-${String(index + 1).padStart(3, '0')}`);

/** Records that are not replayed, with the reason. */
export const skippedRecords: Readonly<Record<string, string>> = {
  ...Object.fromEntries(timed.map((id) => [id, 'only timed: its output was not recorded'])),
  'config-107':
    'a command line of 60,000 bytes: the sandbox’s SSH library takes packets up to 35,000 bytes (RFC 4253), OpenSSH more',
  'config-108': 'a command line of 130,000 bytes: same as config-107',
  'config-110': 'lists what config-107 and config-108 have set',
  'ssh-098':
    'kills the first process of a container, which the kernel ignores; the sandbox has no containers, so the process dies (137)',
  'git-001': sshClient,
  'git-002': sshClient,
  'git-003': sshClient,
  'git-004': sshClient,
  'git-005': sshClient,
  'git-006': sshClient,
  'ops-197': noMaintenance,
  'ops-198': noMaintenance,
  'ops-199': noMaintenance,
  'services-140': noMaintenance,
  'services-141': noMaintenance,
  'services-142': noMaintenance,
  'services-121':
    'the first stand-in for Postgres asked for a password; the second recording has the client at work',
  'ops-188': 'lists a folder of a container, which the sandbox does not have',
};

const prose = 'Dokku’s own help text, which the sandbox does not include';
const trace = 'the trace of Dokku’s own shell scripts';

/** Records with the same exit code but different output, with the reason. */
export const differingRecords: Readonly<Record<string, string>> = {
  'basic-004': prose,
  'basic-005': prose,
  'basic-030': prose,
  'basic-031': prose,
  'apps-025': 'lists apps that were deployed on the recorded host',
  'apps-069': trace,
  'ssh-033': trace,
  'ssh-043': trace,
  'basic-036': 'the http-auth plugin was not installed yet',
  'ssh-101': 'the user in a container differs from the user of this machine',
  'ssh-104': 'the host name of a container',
  'git-030': 'git’s advice, which depends on its version and on the branch that is checked out',
  'git-038': 'an error of Dokku’s shell scripts for an empty commit id',
  'ops-007': 'lists every app of the recorded host',
  'ops-016': 'a Python traceback of the host after Docker’s message',
  'ops-027': 'the old containers and images of the recorded host',
  'ops-046': '`--quiet` also hides the output of Dokku’s scripts there',
  'ops-191': trace,
  'ops-212': 'announces that the old app’s containers stop in a minute; here they stop at once',
  'deploy-other-029': 'a random key’s fingerprint and picture',
  'deploy-other-030': 'a random key',
  'deploy-other-044': 'the old containers and images of the recorded host',
  'services-081': 'the address of the recorder’s name server',
};
