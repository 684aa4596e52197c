import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gitError, wasKilledBySignal } from '../../src/source/git.ts';
import { ship } from '../../src/source/ship.ts';
import { receivingHost } from '../support/git-host.ts';
import { aClone, aFolder, aRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';

/** A folder with a git that runs the script `instead` when `word` is one of its arguments, and the real git otherwise. */
const aGit = (word: string, instead: string) => {
  const folder = aFolder();
  const script = `#!/bin/sh\nPATH='${childEnv.PATH}'\ncase " $* " in *' ${word} '*) ${instead};; esac\nexec git "$@"\n`;
  writeFileSync(join(folder.folder, 'git'), script);
  chmodSync(join(folder.folder, 'git'), 0o755);
  return folder;
};

/** Ships a shallow clone and an included file with such a git, and returns the error. */
const failureWith = async (word: string, instead: string, history: 'snapshot' | 'full') => {
  using origin = aRepository();
  for (const text of ['one', 'two', 'three']) origin.commit({ 'a.txt': text });
  using clone = aClone(origin, 1);
  using bare = aRepository('master');
  bare.git('config', 'core.bare', 'true');
  using git = aGit(word, instead);
  return await ship({
    host: receivingHost(join(bare.folder, '.git')),
    app: 'boutique',
    branch: 'master',
    source: makeSource(clone, { history, include: ['a.txt'] }),
    childEnv: { ...childEnv, PATH: `${git.folder}:${childEnv.PATH}` },
    onLine: () => {},
  }).catch((error: unknown) => error);
};

describe('when git fails', () => {
  test.each([
    ['--is-shallow-repository', 'SIGTERM', 'rev-parse', 'snapshot'],
    ['--show-cdup', 'SIGINT', 'rev-parse', 'snapshot'],
    ['cat-file', 'SIGTERM', 'cat-file', 'snapshot'],
    ['--others', 'SIGTERM', 'ls-files', 'snapshot'],
    ['hash-object', 'SIGTERM', 'hash-object', 'snapshot'],
    ['pack-objects', 'SIGTERM', 'pack-objects', 'snapshot'],
    ['--unshallow', 'SIGTERM', 'fetch', 'full'],
  ] as const)(
    'the clone is not blamed if a signal killed it: %s, %s',
    async (word, signal, name, history) => {
      const error = await failureWith(word, `kill -${signal.slice(3)} $$`, history);
      expect(error).toMatchObject({
        code: 'source-failed',
        message: `git ${name} failed: it was killed by ${signal}.`,
      });
      expect(wasKilledBySignal(error)).toBe(true);
    },
  );

  test('the clone is not blamed if a signal killed git’s helper', async () => {
    const stderr = 'error: git-remote-https died of signal 15';
    const error = await failureWith('--unshallow', `echo '${stderr}' >&2; exit 128`, 'full');
    expect([wasKilledBySignal(error), error]).toMatchObject([true, { said: [stderr] }]);
  });

  test('a fetch whose helper is missing, which may kill git by SIGPIPE, names the variable to set', async () => {
    const error = await failureWith('--unshallow', 'kill -PIPE $$', 'full');
    expect([wasKilledBySignal(error), error]).toMatchObject([
      false,
      { remedy: expect.stringContaining('GIT_DEPTH: 0') },
    ]);
  });

  test('a limit that it exceeded is not taken for the stop signal', () => {
    const failure = { kind: 'failed', exit: undefined, signal: 'SIGTERM', stderr: '' } as const;
    const messages = (['time', 'output'] as const).map((exceeded) => {
      const error = gitError(['-c', 'a=b', 'ls-files'], { ...failure, exceeded });
      expect(wasKilledBySignal(error)).toBe(false);
      return error.message;
    });
    expect(messages).toEqual([
      'git ls-files did not finish in time.',
      'git ls-files printed more than 64 MB.',
    ]);
  });

  test('a failure without a signal is reported as such', async () => {
    const error = await failureWith('--unshallow', 'echo fatal: no >&2; exit 128', 'full');
    expect([wasKilledBySignal(error), error]).toMatchObject([false, { code: 'source-failed' }]);
  });
});
