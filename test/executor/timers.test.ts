import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTimers } from '../../src/executor/timers.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'timers-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const { uid } = userInfo();

test.each(['var/spool/cron/crontabs/job', 'var/lib/systemd/linger/job', 'var/spool/cron/atjobs/a00001'])(
  'a job that leaves %s would run programs next to later ones',
  async (path) => {
    expect(await findTimers({ name: 'job', uid }, root)).toEqual([]);
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
    expect(await findTimers({ name: 'job', uid }, root)).toEqual([join(root, path)]);
    expect(await findTimers({ name: 'other', uid: uid + 1 }, root)).toEqual([]);
  },
);
