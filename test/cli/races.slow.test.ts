import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProject, differenceOf, nothing, type Project, traceOf } from '../reliability/project.ts';

let project: Project;

beforeAll(async () => {
  project = await createProject();
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

const reference = 'race-reference';

/** Runs `review start`, and with it another command, from the moment at which the host has carried out the n-th command. */
const startWith = async (app: string, command: string, step: number) => {
  const { faults, journal } = project.sandbox;
  const other = Promise.withResolvers<ReturnType<Project['run']>>();
  faults.inject(journal.commands.length + step, {
    kind: 'then',
    call: () => other.resolve(project.run(command, { app, noCheckout: command === 'review stop' })),
  });
  const first = await project.run('review start', { app });
  return [first, await await other.promise] as const;
};

/** The commands of an undisturbed first start, for the titles. */
const commands = [
  ...['config:export', 'git:report', 'apps:report', 'builds:list', 'mongo:exists', 'redis:exists'],
  ...['apps:create', 'config:import', 'create', 'create', 'link', 'link', 'config:export'],
  ...['git-receive-pack', 'builds:list', 'config:export', 'apps:report', 'config:import'],
];
const steps = commands.map((name, index) => [index + 1, name] as const);

/** Checks that a stop leaves nothing, and that the branch can start again and be stopped. */
const leavesNothing = async (app: string): Promise<void> => {
  const again = await project.run('review start', { app });
  expect(again.exit, again.stderr).toBe(0);
  const stopped = await project.run('review stop', { app, noCheckout: true });
  expect([stopped.exit, differenceOf(nothing, await traceOf(project, app))], stopped.stderr).toEqual([
    0,
    undefined,
  ]);
};

describe('a review start', () => {
  test('sends as many commands as are tested here', async () => {
    const before = project.sandbox.journal.commands.length;
    const { exit, stderr } = await project.run('review start', { app: reference });
    expect(exit, stderr).toBe(0);
    expect(project.sandbox.journal.commands.length - before).toBe(commands.length);
  });

  test.each(steps)('that a second one joins after command %i (%s) succeeds with it', async (step) => {
    const app = `race-joined${String(step).padStart(3, '0')}`;
    const both = await startWith(app, 'review start', step);
    expect(
      both.map(({ exit }) => exit),
      both.map(({ stderr }) => stderr).join('\n'),
    ).toEqual([0, 0]);
    expect(differenceOf(await traceOf(project, reference), await traceOf(project, app))).toBeUndefined();
    await leavesNothing(app);
  });

  test.each(steps)(
    'that a review stop meets after command %i (%s) ends whole or as nothing',
    async (step) => {
      const app = `race-stopped${String(step).padStart(2, '0')}`;
      const both = await startWith(app, 'review stop', step);
      const trace = await traceOf(project, app);
      const isWhole = differenceOf(await traceOf(project, reference), trace) === undefined;
      const isNothing = differenceOf(nothing, trace) === undefined;
      expect([isWhole, isNothing], both.map(({ stderr }) => stderr).join('\n')).toContain(true);
      if (isWhole) expect(both[0].exit, both[0].stderr).toBe(0);
      if (!isWhole) expect(both[1].exit, both[1].stderr).toBe(0);
      await leavesNothing(app);
    },
  );
});
