import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startProgram } from '../support/child.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guard-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const source = (path: string): string => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);

/** Starts a program that runs a script of the sandbox and then waits. Resolves when the script has written `ready`. */
const startScript = async (lines: readonly string[]) => {
  const file = join(folder, 'script.ts');
  const ready = `writeFileSync(${JSON.stringify(join(folder, 'ready'))}, 'ready');`;
  writeFileSync(
    file,
    ["import { writeFileSync } from 'node:fs';", ...lines, ready, 'setInterval(() => {}, 1000);'].join('\n'),
  );
  const program = startProgram([process.execPath, file], { cwd: folder, env: {} });
  const isReady = () => existsSync(join(folder, 'ready'));
  while (!isReady()) await sleep(20);
  return program;
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Waits until processes have ended; false if one is still there after some seconds. */
const haveEnded = async (...pids: readonly number[]): Promise<boolean> => {
  for (let waited = 0; waited < 8_000 && pids.some(isAlive); waited += 50) await sleep(50);
  return !pids.some(isAlive);
};

const pidIn = async (name: string): Promise<number> => {
  const file = join(folder, name);
  const read = () => (existsSync(file) ? readFileSync(file, 'utf8').trim() : '');
  while (read() === '') await sleep(20);
  return Number(read());
};

const shell = (command: string) => [
  `import { startShell } from ${source('sandbox/deploys/run-process.ts')};`,
  `const env = { PATH: '/usr/bin:/bin' };`,
  `startShell({ command: ${JSON.stringify(command)}, cwd: ${JSON.stringify(folder)}, env, onLine: () => {} });`,
];

describe('a sandbox that is killed with SIGKILL', () => {
  test('takes an app process and its children with it', async () => {
    const { child } = await startScript(
      shell('echo $$ > parent; sh -c "echo \\$\\$ > child; sleep 300"; true'),
    );
    const pids = [await pidIn('parent'), await pidIn('child')];
    child.kill('SIGKILL');
    expect(await haveEnded(...pids)).toBe(true);
  });

  test('takes a process with it that ignores SIGTERM', async () => {
    const { child } = await startScript(
      shell("trap '' TERM; echo $$ > parent; while true; do sleep 1; done"),
    );
    const pid = await pidIn('parent');
    child.kill('SIGKILL');
    expect(await haveEnded(pid)).toBe(true);
  });

  test('takes a database with it', async () => {
    const { child } = await startScript([
      `import { startProgram } from ${source('sandbox/databases/process.ts')};`,
      `startProgram({ file: 'sh', args: ['-c', 'echo $$ > server; sleep 300; true'], cwd: ${JSON.stringify(folder)}, log: ${JSON.stringify(join(folder, 'log'))}, stopSignal: 'SIGINT' });`,
    ]);
    const pid = await pidIn('server');
    child.kill('SIGKILL');
    expect(await haveEnded(pid)).toBe(true);
  });

  test('leaves no temporary folder', async () => {
    const { child } = await startScript([
      `import { startSandbox } from ${source('sandbox/sandbox.ts')};`,
      `const sandbox = await startSandbox({ services: [] });`,
      `writeFileSync(${JSON.stringify(join(folder, 'folder'))}, sandbox.folder);`,
    ]);
    const sandbox = readFileSync(join(folder, 'folder'), 'utf8');
    expect(existsSync(sandbox)).toBe(true);
    child.kill('SIGKILL');
    for (let waited = 0; waited < 5_000 && existsSync(sandbox); waited += 50) await sleep(50);
    expect(existsSync(sandbox)).toBe(false);
  });
});

test('a process that has ended is no longer guarded', async () => {
  const { child } = await startScript([
    `import { releaseProgram } from ${source('sandbox/process-guard.ts')};`,
    ...shell('echo $$ > parent; sleep 300'),
    // As if it had ended: another program may have its id by now.
    `import { readFileSync, existsSync } from 'node:fs';`,
    `while (!existsSync('parent') || readFileSync('parent', 'utf8') === '') await new Promise((done) => setTimeout(done, 20));`,
    `releaseProgram(Number(readFileSync('parent', 'utf8')));`,
    'await new Promise((done) => setTimeout(done, 100));',
  ]);
  const pid = await pidIn('parent');
  child.kill('SIGKILL');
  await sleep(3_000);
  expect(isAlive(pid)).toBe(true);
  process.kill(-pid, 'SIGKILL');
});
