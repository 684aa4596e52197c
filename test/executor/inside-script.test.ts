// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a job, as a user writes them
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { buildInsideScript, type JobVariable } from '../../src/executor/inside-script.ts';

/** The variables that a script gets. */
const passed = (variables: readonly JobVariable[], pass: readonly string[] = []): string[] =>
  buildInsideScript({ lines: [], variables, pass })
    .split('\n')
    .filter((line) => line.startsWith('export '));

const open = { public: true, masked: false, file: false };

describe('the variables of a script in the review app', () => {
  test('are those of .gitlab-ci.yml and of GitLab that anyone may see', () => {
    expect(
      passed([
        { key: 'STAGE', value: "it's", ...open },
        { key: 'CI_COMMIT_SHA', value: 'abc', ...open },
        { key: 'MASKED', value: 'secret-1', ...open, masked: true },
        { key: 'KUBECONFIG', value: 'secret-2', ...open, file: true },
        { key: 'SSH_PRIVATE_KEY', value: 'secret-3', public: false, masked: false },
        { key: 'UNKNOWN', value: 'secret-4' },
        { key: 'CI_COMMIT_MESSAGE', value: 'long', ...open },
        { key: 'no-name', value: 'x', ...open },
        { key: 'X;id', value: 'x', ...open },
      ]),
    ).toEqual(["export STAGE='it'\\''s'", "export CI_COMMIT_SHA='abc'"]);
  });

  test('include others that the policy names, unless they are masked or files', () => {
    const variables = ['TEST_USER', 'TEST_MASKED', 'TEST_FILE', 'OTHER'].map((key) => ({
      key,
      value: 'x',
      masked: key === 'TEST_MASKED',
      file: key === 'TEST_FILE',
    }));
    expect(passed(variables, ['TEST_*'])).toEqual(["export TEST_USER='x'"]);
    const tokens = ['CI_REPOSITORY_URL', 'CI_JOB_TOKEN', 'CI_REGISTRY_PASSWORD'].map((key) => ({
      key,
      value: 'glcbt-1',
    }));
    const url = { key: 'URL', value: '$CI_REPOSITORY_URL', ...open };
    expect(passed([...tokens, url], ['*'])).toEqual([]);
  });

  test('are expanded once, and left out if they lead to a value that does not pass', () => {
    const secret = { key: 'SECRET', value: 'hidden', public: false };
    expect(
      passed([
        secret,
        { key: 'NAME', value: 'shop', ...open },
        { key: 'URL', value: 'https://${NAME}.example.com/$NAME?$NONE&$$', ...open },
        { key: 'LEAK', value: 'a $SECRET', ...open },
        { key: 'LEAK_2', value: '$LEAK', ...open },
        { key: 'RAW', value: '$SECRET', ...open, raw: true },
        { key: 'TWICE', value: 'first', ...open },
        { key: 'TWICE', value: 'last', ...open },
      ]),
    ).toEqual([
      "export NAME='shop'",
      "export URL='https://shop.example.com/shop?&$'",
      "export RAW='$SECRET'",
      "export TWICE='last'",
    ]);
  });
});

describe.each(['sh', 'bash'])('the commands of a script in the review app, run by %s', (shell) => {
  const run = (...lines: string[]) => {
    const variables = [{ key: 'A', value: 'one\ntwo', ...open }];
    const script = buildInsideScript({ lines, variables, pass: [] });
    try {
      return { exit: 0, out: execFileSync(shell, ['-c', script], { encoding: 'utf8', stdio: 'pipe' }) };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { exit: status, out: stdout };
    }
  };

  test('are printed before they run, and share variables', () => {
    expect(run('B=2', 'echo "$A $B"', "echo '100%'\necho more")).toEqual({
      exit: 0,
      out: [
        '\u001b[32;1m$ B=2\u001b[0;m',
        '\u001b[32;1m$ echo "$A $B"\u001b[0;m',
        'one\ntwo 2',
        "\u001b[32;1m$ echo '100%' # collapsed multi-line command\u001b[0;m",
        '100%\nmore\n',
      ].join('\n'),
    });
  });

  test('end with the first that fails', () => {
    const { exit, out } = run('sh -c "exit 7"', 'echo never');
    expect([exit, out.includes('never\n')]).toEqual([7, false]);
  });
});
