import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { splitCommand } from '../../sandbox/host/split-command.ts';
import { buildSshLine } from '../../src/dokku/command.ts';
import { quoteCommand, readRuns, runOneOff } from '../../src/dokku/run.ts';

const nonce = 'feedfacefeedface';

/** How the words of a command reach a container, by the kind of its image. */
const images: readonly (readonly [image: string, start: (words: readonly string[]) => readonly string[]])[] =
  [
    ['a Dockerfile', (words) => words],
    // As in herokuish’s include/procfile.bash.
    [
      'Heroku’s buildpacks',
      (words) => ['bash', '-c', 'app_path=/app; exec $(eval echo "$@")', '-', ...words],
    ],
    // As in the launcher of the buildpacks’ lifecycle, which evaluates each word.
    [
      'cloud native buildpacks',
      (words) => [
        'bash',
        '-c',
        `exec ${words.map((_, index) => `"$(eval echo \\"$${index}\\")"`).join(' ')}`,
        ...words,
      ],
    ],
  ];

/** Runs a script as Dokku would in a container of an image. */
const runIn = (start: (words: readonly string[]) => readonly string[], script: string) => {
  const line = buildSshLine(runOneOff({ app: 'shop', nonce, script, ttl: 60 }), new Map());
  const { words } = splitCommand(line);
  expect(words.slice(0, 4)).toEqual(['run', '--ttl-seconds', '60', 'shop']);
  const [program = '', ...rest] = start(words.slice(4));
  const { status, stdout, stderr } = spawnSync(program, rest, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, DYNO: 'run.7' },
  });
  return { status, stdout, stderr };
};

describe.each(images)('a script in the image of %s', (_, start) => {
  test.each([
    [`echo "it's  two   spaces"; printf '%s\\n' '$HOME' '*' "\\\\"`, "it's  two   spaces\n$HOME\n*\n\\\n", 0],
    ['for n in 1 2\ndo echo "line $n"\ndone\nexit 7', 'line 1\nline 2\n', 7],
    [quoteCommand(['printf', '%s|', "a 'b'", '', '$(id)', 'é']), "a 'b'||$(id)|é|", 0],
    ['kill -9 $$', '', 137],
    ['printf "no newline"; exit 255', 'no newline', 255],
    [`: ${'x'.repeat(20_000)}; echo long`, 'long\n', 0],
  ])('arrives unchanged, and its exit code comes back: %j', (script, output, exit) => {
    const { status, stdout } = runIn(start, script);
    const frames = [`[dokku-deploy ${nonce} started run.7]\n`, `[dokku-deploy ${nonce} ended ${exit}]\n`];
    expect([stdout, status]).toEqual([`${frames[0]}${output}${frames[1]}`, exit]);
  });

  test('replaces the shell that has started it, which would not pass on a signal', () => {
    expect(runIn(start, 'cat /proc/$(cut -d" " -f4 /proc/$PPID/stat)/cmdline').stdout).toContain('vitest');
  });

  test('leaves no file', () => {
    expect(runIn(start, 'true').stderr).toBe('');
    expect(readdirSync('/tmp').filter((name) => name.includes(nonce))).toEqual([]);
  });
});

describe('the containers of an app', () => {
  const listed = (command: string, name: unknown = 'shop.run.1') => JSON.stringify([{ name, command }, null]);

  test('are found by the nonce in their command', () => {
    expect(readRuns(listed(`"/bin/sh -c '$(f=/tmp/dokku-deploy-run-${nonce};echo"`), nonce)).toEqual([
      'shop.run.1',
    ]);
    expect(readRuns(listed('"sleep 60"'), nonce)).toEqual([]);
  });

  test.each(['', '{}', 'null', '[1, "x", {}]', listed(`-run-${nonce};`, 7)])('are none in %j', (json) => {
    expect(readRuns(json, nonce)).toEqual([]);
  });
});
