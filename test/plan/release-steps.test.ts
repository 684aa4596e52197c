import { describe, expect, test } from 'vitest';
import { defaultProbe } from '../../src/context/probe.ts';
import type { Probe } from '../../src/context/probe-types.ts';
import { planReleaseSteps } from '../../src/plan/release-steps.ts';
import { aContext } from '../support/context.ts';

const own = 'a'.repeat(40);
const other = 'b'.repeat(40);
const probe: Probe = { ...defaultProbe, path: '/health', status: [200], text: 'aaaaaaaa', isStrict: true };

/** The probe that follows when the job of this commit deploys a release of that one. */
const probeOf = (job: string | undefined, commit: string): Probe | undefined => {
  const base = aContext({ environment: 'production', app: 'shop', probe });
  const steps = planReleaseSteps(
    { ...base, job: { ...base.job, commit: job } },
    { app: 'absent' },
    {
      title: 'Roll shop back',
      shipment: { kind: 'sync', folder: '/home/dokku/shop', revision: commit, isFetchable: true },
      commit,
      committedAt: undefined,
      origin: { kind: 'rollback', to: 1 },
    },
  );
  return steps.find((step) => step.kind === 'check')?.probe;
};

describe('the check of a release', () => {
  test('expects the text of the probe from the version of the job’s own commit', () => {
    expect(probeOf(own, own)).toEqual(probe);
  });

  test.each([own, undefined])('expects all but the text from another version (job: %s)', (job) => {
    expect(probeOf(job, other)).toEqual({ ...probe, text: undefined });
  });
});
