import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  argumentsOf,
  createProject,
  differenceOf,
  jobOf,
  nothing,
  type Project,
  traceOf,
} from '../reliability/project.ts';
import { sourceCommand, startProgram } from '../support/child.ts';

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
  ...[
    'config:export',
    'git:report',
    'apps:report',
    'builds:list',
    'domains:report',
    'mongo:exists',
    'redis:exists',
  ],
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

  /** Where a start is held until the stop has sent so many commands, and after how many more of its own it is killed. */
  const killings = [
    ['after its app was removed, before its services are created', { held: 9, stopped: 11, killed: 2 }],
    ['after its push has created the removed app again', { held: 14, stopped: 11, killed: 2 }],
    ['after its marker was written where the stop saw none', { held: 8, stopped: 1, killed: 4 }],
  ] as const;

  test.each(killings)(
    'that is killed %s leaves nothing once the review stop has ended',
    async (_, moment) => {
      const app = `race-killed${moment.held}-${moment.stopped}`;
      const { faults, journal } = project.sandbox;
      const program = startProgram(sourceCommand(...argumentsOf('review start', app)), {
        cwd: project.repository.folder,
        env: jobOf(project.sandbox, { app, commit: project.commits.second, command: 'review start' }),
      });
      const stopped = Promise.withResolvers<ReturnType<Project['run']>>();
      const isKilled = Promise.withResolvers<void>();
      const kill = () => {
        program.child.kill('SIGKILL');
        isKilled.resolve();
      };
      faults.inject(journal.commands.length + moment.held, {
        kind: 'then',
        call: () => {
          const isReached = Promise.withResolvers<void>();
          faults.inject(journal.commands.length + moment.stopped, {
            kind: 'then',
            call: () => {
              faults.inject(journal.commands.length + moment.killed, { kind: 'then', call: kill });
              isReached.resolve();
              return isKilled.promise;
            },
          });
          stopped.resolve(project.run('review stop', { app, noCheckout: true }));
          return isReached.promise;
        },
      });
      const { exit, stderr } = await await stopped.promise;
      expect((await program.result).signal).toBe('SIGKILL');
      expect([exit, differenceOf(nothing, await traceOf(project, app))], stderr).toEqual([0, undefined]);
    },
  );
});
