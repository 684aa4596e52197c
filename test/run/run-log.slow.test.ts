import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { band, goodAnswer, receivePack, startHostileHost } from '../reliability/hostile-host.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { aRepository } from '../support/repository.ts';

const lineCount = 2_000_000;

/** A build that prints numbered lines as fast as they are read, and succeeds. */
const longBuild = receivePack((channel) => {
  let next = 0;
  const send = (): void => {
    while (next < lineCount) {
      const lines = Array.from({ length: 1_000 }, () => `line ${String(next++).padStart(40, '.')}\n`);
      if (!channel.write(band(2, lines.join('')))) return void channel.once('drain', send);
    }
    channel.write(goodAnswer);
    channel.exit(0);
    channel.end();
  };
  send();
});

/** The most memory that a process has held (proc(5), VmHWM). */
function peakMegabytes(pid: number | undefined): number {
  const path = `/proc/${pid}/status`;
  const [, kilobytes] = (existsSync(path) && /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(path, 'utf8'))) || [];
  return Number(kilobytes ?? 0) / 1_024;
}

test('a log that is read more slowly than the host prints arrives whole, and does not fill the memory', async () => {
  await using host = await startHostileHost(new Map([['git-receive-pack', longBuild]]));
  using repository = aRepository('fix');
  const commit = repository.commit({ 'index.html': 'hello' });
  const env = {
    ...host.env,
    CI_COMMIT_REF_NAME: 'fix',
    CI_COMMIT_SHA: commit,
    CI_PROJECT_PATH: 'group/shop',
  };
  // The binary has the same option (image/build.ts): without it, garbage alone takes some 100 MB.
  const [node = '', ...words] = sourceCommand('review', 'start');
  const command = [node, '--max-semi-space-size=4', ...words];
  const program = startProgram(command, { cwd: repository.folder, env });
  const { child } = program;
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakMegabytes(child.pid));
  }, 50);
  child.stderr?.pause();
  await sleep(5_000);
  child.stderr?.resume();
  const { exit, output } = await program.result;
  clearInterval(watch);
  expect(exit, output.slice(-500)).toBe(0);
  const numbers = [...output.matchAll(/^ +line \.*(\d+)$/gm)].map(([, number]) => Number(number));
  expect(numbers.length).toBe(lineCount);
  expect(numbers.findIndex((number, index) => number !== index)).toBe(-1);
  expect(peak).toBeLessThan(260);
});
