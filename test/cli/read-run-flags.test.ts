import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { readRunFlags } from '../../src/cli/read-run-flags.ts';
import type { RunFlags } from '../../src/run/run-flags.ts';

/** Reads the flags of a command line of `deploy`. */
const read = (...flags: string[]): RunFlags => {
  const print = (text: string): never => {
    throw new Error(text);
  };
  const parsed = parseArguments(['deploy', 'staging', ...flags], { out: print, err: print });
  if (parsed.kind !== 'command') throw new Error('nothing to run');
  return readRunFlags(parsed.args, 'deploy');
};

describe('a command line', () => {
  test.each([
    [['--offline'], '--offline requires --dry-run.'],
    [['--explain'], '--explain requires --dry-run.'],
    [['--exit-code'], '--exit-code requires --dry-run.'],
    [['--report', 'terraform=plan.json'], '--report requires --dry-run.'],
    [['--plan-out', 'plan.json'], '--plan-out requires --dry-run.'],
    [['--plan', 'plan.json', '--dry-run'], '--plan applies a saved plan, and --dry-run applies nothing.'],
    [['--dry-run', '--explain', '--format', 'json'], '--explain prints commands for a shell, not JSON.'],
    [
      ['--check-drift', '--dry-run'],
      '--check-drift only compares the settings, and --dry-run is about a whole deploy.',
    ],
    [
      ['--check-drift', '--plan', 'plan.json'],
      '--check-drift only compares the settings, and --plan is about a whole deploy.',
    ],
  ])('with %j is refused, as these flags cannot be combined', (flags, message) => {
    expect(() => read(...flags)).toThrow(expect.objectContaining({ code: 'usage', message }));
  });

  test.each([
    [['--dry-run', '--offline', '--exit-code', '--report', 'terraform=x', '--plan-out', 'y']],
    [['--dry-run', '--explain', '--format', 'text']],
    [['--plan', 'plan.json', '--format', 'json']],
    [['--check-drift', '--format', 'json']],
  ])('with %j is accepted', (flags) => {
    expect(() => read(...flags)).not.toThrow();
  });
});

describe('a host', () => {
  test.each([
    [[], 'required'],
    [['--dry-run'], 'optional'],
    [['--dry-run', '--offline'], 'none'],
  ])('with the flags %j is %s', (flags, hostRequirement) => {
    expect(read(...flags).hostRequirement).toBe(hostRequirement);
  });
});
