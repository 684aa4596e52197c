import {
  type AppOptions,
  appFiles,
  upCheck,
  uptimeCheck,
  webAndWorker,
  webCheck,
  worker,
} from './second-app.ts';
import type { Folder, GitStep } from './workspace.ts';

const noScripts: AppOptions = { predeploy: '', postdeploy: '' };

const scaled: AppOptions = {
  ...noScripts,
  procfile: webAndWorker,
  checks: { web: [...webCheck, ...uptimeCheck], worker: upCheck },
};

const versioned = (version?: string): AppOptions => ({
  ...(version === undefined ? {} : { version }),
  predeploy: 'echo predeploy-ran v=$V',
  procfile: webAndWorker,
  checks: { web: webCheck, worker: upCheck },
});

const day2: AppOptions = { procfile: `web: sh start.sh\n${worker}task: sh -c "echo task ran\n` };

/** The local steps before the git commands of the second recording. */
export const secondGitSteps: Readonly<Record<string, GitStep>> = {
  'domains-048': { in: 'r-dom', fresh: { ...appFiles(), Dockerfile: 'FROM busybox:latest\nCOPY . /app\n' } },
  'domains-049': { in: 'r-dom', before: change({}) },
  'domains-063': { in: 'r-dom' },
  'tls-027': { in: 'r-tls', fresh: appFiles() },
  'tls-144': { in: 'r-tls', before: next() },
  'scale-022': { in: 'r-sc', fresh: appFiles(scaled) },
  'scale-060': { in: 'r-sc', before: next() },
  'scale-120': {
    in: 'r-scf',
    fresh: appFiles({ ...scaled, formation: { web: { quantity: 1 }, worker: { quantity: 2 } } }),
  },
  'scale-126': { in: 'r-scf', before: change({ ...scaled, formation: { web: { quantity: 1 } } }) },
  'scale-129': { in: 'r-scf', before: change(scaled) },
  'storage-058': { in: 'r-st', fresh: appFiles() },
  'storage-180': { in: 'r-st', before: next('build-dir') },
  'storage-181': { in: 'r-st', before: moveToSub },
  'storage-185': { in: 'r-st', before: change({}) },
  'storage-191': { in: 'r-st', before: next('dockerfile') },
  'storage-199': { in: 'r-st', before: next('appjson') },
  'storage-230': { in: 'r-st', before: next('k3s') },
  'storage-233': { in: 'r-st', before: next('null') },
  'storage-237': { in: 'r-st', before: next('nosuch') },
  'storage-261': { in: 'r-st', before: next('registry') },
  'storage-269': {
    in: 'r-st',
    before: change({ cron: [{ command: 'echo cron-ran', schedule: '0 4 * * *' }] }),
  },
  'ship-101': { in: 'r-arc', fresh: appFiles(versioned()) },
  'ship-135': {
    in: 'r-pa',
    fresh: appFiles(versioned('p1')),
    commits: { '818d18a4267f06202d44a5c855254410be5e6b01': 'HEAD' },
  },
  'ship-147': {
    in: 'r-pa',
    before: change(versioned('p2')),
    commits: { b1f3ad2bcffcfa64616626bf5826829d01be3dac: 'HEAD' },
  },
  'ship-164': {
    in: 'r-pa',
    before: change({ ...versioned('p3'), delay: 4 }),
    commits: { '695cf9afa0fba4a3807ca75d26b681c363cc5ca6': 'HEAD' },
  },
  'ship-180': {
    in: 'r-pa',
    before: snapshot('s0'),
    commits: { cb1ad2477f5cabbad33ffef0ce3f427eb98115e1: 's0' },
  },
  'ship-218': {
    in: 'r-qa',
    fresh: appFiles(versioned('q1')),
    commits: { '876b93a3f3a25413fa5ba9ea968157ac0a448352': 'HEAD' },
  },
  'ship-232': {
    in: 'r-qa',
    before: change(versioned('q2')),
    commits: { '9a8ad81b6e96cc94a31e7803fb2f83d444dbfd5c': 'HEAD' },
  },
  'ship-258': {
    in: 'r-qa',
    before: snapshot('s1'),
    commits: { bd4b481906e56907fb7292fc3e741d5c31a421da: 's1' },
  },
  'ship-259': {
    in: 'r-qa',
    before: changedSnapshot('s2', versioned('q3')),
    commits: { '49baf1c735c9a22c0e55985512120f7dc4a0ff45': 's2' },
  },
  'services-2-093': { in: 'r-sv', fresh: appFiles() },
  'day2-004': { in: 'r-d2', fresh: appFiles(day2) },
  'day2-106': { in: 'r-d2', before: change({ ...day2, delay: 6 }) },
  'lock-3-003': { in: 'r-lk', fresh: appFiles() },
  'lock-3-007': {
    in: 'r-lk',
    before: snapshot('other'),
    commits: { d771708e86718ff4f032786eb2e934bfbc9cc55a: 'other' },
  },
  'lock-3-016': { in: 'r-lk', before: change({ delay: 12 }) },
  'lock-3-021': { in: 'r-lk', before: next('cancelled') },
  'lock-3-028': { in: 'r-lk', before: next('killed') },
  'lock-3-before-047': { in: 'r-lk2', fresh: appFiles() },
  'lock-3-047': { in: 'r-lk2', before: change({ delay: 12 }) },
  'lock-3-055': { in: 'r-lk2', before: change({}) },
  'lock-3-058': { in: 'r-lk2', before: change({ predeploy: 'sleep 40' }) },
  'hello-world': { in: 'hello', fresh: appFiles(noScripts) },
  project: { in: 'hello' },
  'r-lk': { in: 'hello' },
  'r-st': { in: 'hello' },
  'timing-2-before-017': { in: 'r-q', fresh: appFiles(noScripts) },
};

function next(text = 'next'): NonNullable<GitStep['before']> {
  return ({ commit }: Folder) => commit({ 'www/index.html': text });
}

function change(options: AppOptions): NonNullable<GitStep['before']> {
  return ({ commit }: Folder) => commit(appFiles(options));
}

async function moveToSub({ commit, git }: Folder): Promise<void> {
  await commit(
    Object.fromEntries(
      Object.entries(appFiles()).flatMap(([name, content]) => [
        [name, undefined],
        [`sub/${name}`, content],
      ]),
    ),
  );
  await git('status', '--porcelain');
}

function changedSnapshot(name: string, options: AppOptions): NonNullable<GitStep['before']> {
  return async (folder) => {
    await change(options)(folder);
    await snapshot(name)(folder);
  };
}

/** Creates a parentless commit of the tree that is checked out, under a branch name. */
function snapshot(name: string): NonNullable<GitStep['before']> {
  return async ({ git }: Folder) => {
    const id = await git('commit-tree', '-m', name, 'HEAD^{tree}');
    await git('branch', '--force', name, id);
  };
}
