import { join } from 'node:path';
import { execa } from 'execa';
import { sampleFiles } from './sample-app.ts';
import { createFolder, type Files, type GitStep } from './workspace.ts';

const broken: Files = { Dockerfile: 'FROM dokkulab/base:1\nRUNN true\n' };

/** The local steps before the git commands of the first recording. */
export const gitSteps: Readonly<Record<string, GitStep>> = {
  'git-007': { in: 'w', fresh: sampleFiles },
  'git-019': { in: 'w', before: ({ commit }) => commit(page('two')) },
  'git-030': { in: 'w', before: ({ git }) => git('reset', '--hard', 'HEAD~1') },
  'git-031': { in: 'w', before: ({ commit }) => commit(page('other')) },
  'git-034': { in: 'w', before: ({ commit }) => commit({}) },
  'git-039': { in: 'w', before: ({ git }) => git('tag', '-a', '-m', 'one', 'v1.0') },
  'git-045': { in: 'shallow-1' },
  'git-046': { in: 'shallow-20' },
  'git-047': { in: 'long' },
  'git-048': { in: 'shallow-20', before: ({ commit }) => commit(page('next')) },
  'git-049': { in: 'shallow-1', before: ({ git }) => git('fetch', '--unshallow', '--quiet') },
  'git-050': { in: 'fail', fresh: { ...sampleFiles, ...broken } },
  'git-056': { in: 'fail', before: ({ commit }) => commit(page('again')) },
  'git-057': { in: 'fail', before: ({ commit }) => commit(page('and again')) },
  'git-058': { in: 'nodf', fresh: { 'README.md': 'nothing to build\n' } },
  'git-059': {
    in: 'pre',
    fresh: { ...sampleFiles, ...manifest({ dokku: { predeploy: 'echo pre; exit 4' } }) },
  },
  'git-062': {
    in: 'post',
    fresh: { ...sampleFiles, ...manifest({ dokku: { postdeploy: 'echo post; exit 5' } }) },
  },
  'git-065': { in: 'post1', fresh: { ...sampleFiles, ...manifest({ postdeploy: 'echo first; exit 6' }) } },
  'git-067': { in: 'post1', before: ({ commit }) => commit({}) },
  'git-068': { in: 'hc', fresh: { ...sampleFiles, ...manifest({}, '/nope') } },
  'git-070': { in: 'hc', before: ({ commit }) => commit({ 'app.json': sampleFiles['app.json'] }) },
  'git-071': { in: 'hc', before: ({ commit }) => commit(manifest({}, '/nope')) },
  'git-074': {
    in: 'crash',
    fresh: { ...sampleFiles, 'app.json': undefined, 'start.sh': 'echo dying\nexit 1\n' },
  },
  'git-075': { in: 'badjson', fresh: { ...sampleFiles, 'app.json': '{"scripts": {' } },
  'git-077': {
    in: 'full',
    fresh: {
      'README.md': 'nothing to build\n',
      'app.json': JSON.stringify({ buildpacks: [{ url: 'x' }], formation: { web: { quantity: 1 } } }),
    },
  },
  'git-088': { in: 'full', before: ({ commit }) => commit({}) },
  'git-076': {
    in: 'req',
    fresh: { ...sampleFiles, 'app.json': JSON.stringify({ env: { NEEDED: { required: true } } }) },
  },
};

function page(text: string): Files {
  return { 'www/index.html': text };
}

function manifest(scripts: object, path = '/'): Files {
  const web = [{ type: 'startup', path, attempts: 2, port: 5000, timeout: 2, wait: 1 }];
  return { 'app.json': JSON.stringify({ scripts, healthchecks: { web } }) };
}

/** Creates a repository with 25 commits and two shallow clones of it. */
export async function createShallowClones(root: string): Promise<void> {
  const path = join(root, 'long');
  const { commit } = await createFolder(path, sampleFiles);
  for (let count = 0; count < 24; count += 1) await commit(page(String(count)));
  for (const depth of [1, 20]) {
    await execa('git', [
      'clone',
      '--quiet',
      `--depth=${depth}`,
      `file://${path}`,
      join(root, `shallow-${depth}`),
    ]);
  }
}
