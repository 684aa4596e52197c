import { lookup } from 'node:dns/promises';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { resolveBranch } from '../deploys/host-git.ts';
import { fail, printChange } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import { createReportHandler, type Report, type ReportRow } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, type TargetRequest, withApp, withTarget } from '../host/with-app.ts';

const keys = [
  'archive-max-files',
  'archive-max-size',
  'deploy-branch',
  'keep-git-dir',
  'rev-env-var',
  'source-image',
];

const report: Report = {
  title: 'git',
  prefix: 'git',
  globalRows,
  rows: (app, host) => {
    const { global } = host.state;
    const [, at] = branchOf(app.name, host, resolveBranch(host, app));
    const [sha] = headOf(app.name, host);
    const own = (key: string) => ownProperty(app, 'git', key);
    const keep = own('keep-git-dir');
    return [
      ...globalRows(global),
      ['Git computed deploy branch', app.deployBranch ?? global.deployBranch ?? 'master'],
      ['Git computed keep git dir', keep || ownProperty(global, 'git', 'keep-git-dir') || 'false'],
      ['Git deploy branch', app.deployBranch ?? ''],
      ['Git keep git dir', keep],
      ['Git last updated at', at],
      ['Git rev env var', app.properties.get('git.rev-env-var') ?? 'GIT_REV'],
      // Git prints the name itself while there is no commit.
      ['Git sha', sha || 'HEAD'],
      ['Git source image', own('source-image')],
    ];
  },
};

/** The commands of Dokku's git plugin that don't deploy code. */
export const git: Plugin = {
  'git:allow-host': allowHost,
  'git:auth': auth,
  'git:auth-status': authStatus,
  'git:generate-deploy-key': generateKey,
  'git:initialize': withApp(initialize),
  'git:public-key': publicKey,
  'git:report': createReportHandler(report),
  'git:set': withTarget(set),
  'git:status': withApp(status),
  'git:unlock': unlock,
};

function globalRows(global: App): ReportRow[] {
  const [files, size] = [
    ownProperty(global, 'git', 'archive-max-files'),
    ownProperty(global, 'git', 'archive-max-size'),
  ];
  return [
    ['Git computed archive max files', files || '10000'],
    ['Git computed archive max size', size || '1073741824'],
    ['Git global archive max files', files],
    ['Git global archive max size', size],
    ['Git global deploy branch', global.deployBranch ?? ''],
    ['Git global keep git dir', ownProperty(global, 'git', 'keep-git-dir')],
  ];
}

type BranchState = readonly [sha: string, at: string];

/** Returns the commit of the branch that HEAD names, which need not be the deploy branch. */
function headOf(app: string, host: SandboxHost): BranchState {
  try {
    const head = readFileSync(join(host.repositories.folderOf(app), 'HEAD'), 'utf8').trim();
    return branchOf(app, host, head.replace('ref: refs/heads/', ''));
  } catch {
    return ['', ''];
  }
}

/** Returns a branch's commit and when it was written (seconds since 1970), '' for both without one. */
function branchOf(app: string, host: SandboxHost, branch: string): BranchState {
  const file = join(host.repositories.folderOf(app), 'refs', 'heads', branch);
  try {
    return [readFileSync(file, 'utf8').trim(), String(Math.floor(statSync(file).mtimeMs / 1_000))];
  } catch {
    return ['', ''];
  }
}

async function allowHost(call: Call): Promise<number> {
  const [name = ''] = call.words;
  if (name === '') return fail(call, 'Please specify a host to be allowed');
  try {
    await lookup(name);
    return 0;
  } catch {
    call.err(`getaddrinfo ${name}: Name or service not known\r\n`);
    return 1;
  }
}

// The entry isn't stored: nothing here needs the password, so it shouldn't be written to disk.
function auth(call: Call): number {
  const [name = '', user, password] = call.words;
  if (name === '') return fail(call, 'Please specify a git server');
  if (user !== undefined && password === undefined)
    return fail(call, 'Missing password for netrc auth entry');
  const verb = user === undefined ? 'Removing' : 'Setting';
  call.out(`-----> ${verb} netrc auth entry for host ${name}\n`);
  return 0;
}

// In the recording it fails without output, even right after an entry was set.
function authStatus(): number {
  return 1;
}

function generateKey(call: Call, { state }: SandboxHost): number {
  if (state.deployKey !== undefined) return fail(call, 'A deploy key already exists');
  // The private key isn't kept: the sandbox doesn't connect to remotes with it.
  state.deployKey = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'dokku@sandbox' }).public;
  call.out('Generating public/private ed25519 key pair.\n');
  call.out('Your identification has been saved in /home/dokku/.ssh/id_ed25519\n');
  call.out('Your public key has been saved in /home/dokku/.ssh/id_ed25519.pub\n');
  return 0;
}

async function initialize({ call, host, app }: AppRequest): Promise<number> {
  call.out(`-----> Initializing git repository for ${app.name}\n`);
  await host.repositories.git(app.name, ['rev-parse', '--git-dir']);
  return 0;
}

function publicKey(call: Call, { state }: SandboxHost): number {
  if (state.deployKey !== undefined) {
    call.out(`${state.deployKey}\n`);
    return 0;
  }
  return fail(
    call,
    'There is no deploy key associated with the dokku user.\nGenerate an ssh key with the following command:\n  dokku git:generate-deploy-key\nAs an alternative, configure the netrc authentication via the git:auth command',
  );
}

function set({ call, app, rest }: TargetRequest): number {
  const [key, value = ''] = rest;
  if (key === undefined) return fail(call, 'No key specified');
  if (!keys.includes(key)) return fail(call, `Invalid key specified, valid keys include: ${keys.join(', ')}`);
  if (key === 'deploy-branch') app.deployBranch = value === '' ? undefined : value;
  // Without a value the variable no longer exists; the default does not come back.
  else if (key === 'rev-env-var') app.properties.set('git.rev-env-var', value);
  else setProperty(app, 'git', key, value);
  printChange(call, key, value);
  return 0;
}

function status({ call }: AppRequest): number {
  call.err('fatal: this operation must be run in a work tree\n');
  return 128;
}

// As recorded: this version lists the command but doesn't implement it.
function unlock(call: Call): number {
  call.err(
    '/var/lib/dokku/plugins/enabled/git/subcommands/unlock: line 6: cmd-git-unlock: command not found\n',
  );
  return 127;
}
