import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claimJob, isClaimed } from '../../src/executor/claims.ts';
import { sourceCommand, startProgram } from '../support/child.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claim-'));
  file = join(folder, 'response.json');
  writeFileSync(file, '{}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const claim = (ancestors: readonly object[]): void =>
  writeFileSync(join(folder, 'claim.json'), JSON.stringify({ file, ancestors }));

describe('a job', () => {
  test('is the runner’s as long as that keeps its description', async () => {
    await claimJob(folder, file);
    expect(await isClaimed(folder)).toBe(true);
    rmSync(file);
    expect(await isClaimed(folder)).toBe(false);
  });

  test('is no one’s after its runner was killed, even if another process has got its number', async () => {
    const { child, result } = startProgram(sourceCommand('--version'), { cwd: folder, env: {} });
    await result;
    claim([{ pid: child.pid, started: '1' }]);
    expect(await isClaimed(folder)).toBe(false);
    claim([{ pid: process.pid, started: '1' }]);
    expect(await isClaimed(folder)).toBe(false);
  });

  test('is no one’s without a whole record', async () => {
    expect(await isClaimed(folder)).toBe(false);
    writeFileSync(join(folder, 'claim.json'), '{"file": "/resp');
    expect(await isClaimed(folder)).toBe(false);
  });
});
