import { describe, expect, test } from 'vitest';
import { scale } from '../../src/settings/scale.ts';

type Counts = Readonly<Record<string, number>>;

/** Returns the phases and commands of the changes of an app that has these processes. */
const plan = (
  current: Counts,
  declared: Counts | undefined,
  more: { isDeployed?: boolean; canScale?: boolean; recorded?: readonly string[] } = {},
) => {
  const { isDeployed = true, canScale = true, recorded = [] } = more;
  const found = { counts: new Map(Object.entries(current)), canScale };
  const known = {
    isRecorded: false,
    isDeployed,
    wasDeclared: (part: string) => recorded.includes(part),
    isDeclared: () => false,
  };
  return scale
    .changes('shop', found, declared, known)
    .map(({ phase, commands }) => `${phase}: ${commands.map(({ words }) => words.join(' ')).join('; ')}`);
};

describe('scale', () => {
  test('starts more processes with the deploy, and leaves fewer after it', () => {
    expect(plan({ web: 3, worker: 1 }, { web: 1, worker: 2 })).toEqual([
      'before-deploy: ps:scale --skip-deploy shop worker=2',
      'last: ps:scale shop web=1',
    ]);
  });

  test('is set at once before the first deploy, when nothing serves', () => {
    expect(plan({ web: 1 }, { web: 0, worker: 2 }, { isDeployed: false })).toEqual([
      'before-deploy: ps:scale --skip-deploy shop web=0 worker=2',
    ]);
  });

  test('of a type that the deployed Procfile does not have waits for the deploy', () => {
    expect(plan({ web: 1 }, { web: 2, clock: 1 })).toEqual([
      'before-deploy: ps:scale --skip-deploy shop web=2',
      'after-deploy: ps:scale shop clock=1',
    ]);
  });

  test('waits for the deploy that leaves formation out of app.json', () => {
    expect(plan({ web: 1 }, { web: 2 }, { canScale: false })).toEqual(['after-deploy: ps:scale shop web=2']);
  });

  test('leaves a type alone that was never declared, and gives back one that was', () => {
    expect(plan({ web: 2, worker: 3, clock: 1 }, { web: 2 }, { recorded: ['worker'] })).toEqual([
      'last: ps:scale shop worker=0',
    ]);
    expect(plan({ web: 2, worker: 3 }, undefined, { recorded: ['web'] })).toEqual([
      'last: ps:scale shop web=1',
    ]);
  });

  test('that formation of app.json sets now is not given back', () => {
    expect(plan({ web: 4 }, undefined, { recorded: ['web'], canScale: false })).toEqual([]);
  });
});
