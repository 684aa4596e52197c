import { describe, expect, test } from 'vitest';
import { performCreateService } from '../../src/apply/create-service.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import type { CreateServiceStep } from '../../src/plan/plan.ts';
import { hostAccessTo } from '../support/host-access.ts';

const write = { words: ['config:import', 'fix'] };

const step: CreateServiceStep = {
  kind: 'create-service',
  id: 'create-redis-fix-redis',
  title: 'Create the redis service fix-redis',
  needs: [],
  repeat: '',
  app: 'fix',
  service: { plugin: 'redis', name: 'fix-redis' },
  command: { words: ['redis:create', 'fix-redis'] },
  markerWithoutService: { command: write, fallback: write },
};

const refused = (stderr: string): CommandResult => ({ kind: 'refused', exit: 1, stdout: '', stderr });
const exists = refused(' !     Redis service fix-redis already exists\n');
const gone = refused(' !     Redis service fix-redis does not exist\n');
// lock-3-042: the answer to the slower of two creates at the same time.
const conflict = refused(
  "container ID file found, make sure the other container isn't running or delete /var/lib/dokku/services/redis/fix-redis/ID\n",
);

/** What `redis:info` prints, as far as it matters here. */
const info = (links: string, status = 'running'): CommandResult => ({
  kind: 'answered',
  stdout: `       Id:                  d383795d46723fad\n       Links:               ${links}\n       Status:              ${status}\n`,
  stderr: '',
});

const create = async (
  answers: Readonly<{ create: CommandResult; info: CommandResult | readonly CommandResult[] }>,
  more: Partial<CreateServiceStep> = {},
) => {
  const sent: string[] = [];
  const infos = [answers.info].flat();
  const host = hostAccessTo((line) => {
    sent.push(line);
    if (line.startsWith('redis:create')) return answers.create;
    if (line.startsWith('redis:info')) return (infos.length > 1 ? infos.shift() : infos[0]) ?? gone;
    return { kind: 'answered', stdout: '', stderr: '' };
  });
  const result = await performCreateService({ ...step, ...more }, host).catch((error: unknown) => error);
  return { result, sent };
};

const own = { outcome: 'skipped', detail: 'another job of this app created it' };
const foreign = { code: 'service-not-ours' };
const elsewhere = { service: { plugin: 'redis', name: 'team-cache' } };

describe('a service that could not be created', () => {
  test('is this app’s if another job of the app has linked it already', async () => {
    const { result } = await create({ create: exists, info: info('fix ') }, elsewhere);
    expect(result).toEqual(own);
  });

  test.each(['fix-redis', 'fix-redis-2', 'fix-database'])(
    'is this app’s if it has the default name %s and no app has linked it yet',
    async (name) => {
      const named = { service: { plugin: 'redis', name } };
      expect((await create({ create: exists, info: info('-') }, named)).result).toEqual(own);
    },
  );

  test.each(['fix-api-redis', 'fix-redis-cache', 'fix-', 'fixredis'])(
    'is foreign if it is called %s, as another app’s service may be, and no app links it',
    async (name) => {
      const { result } = await create(
        { create: exists, info: info('-') },
        { service: { plugin: 'redis', name } },
      );
      expect(result).toMatchObject(foreign);
    },
  );

  test('is this app’s if another job of the app links it within a minute', async () => {
    const later = [...Array.from({ length: 50 }, () => info('-')), info('fix')];
    expect((await create({ create: exists, info: later }, elsewhere)).result).toEqual(own);
  });

  test('is foreign if another app is linked to it; then the marker no longer names it', async () => {
    const { result, sent } = await create({ create: exists, info: info('billing') });
    expect(result).toMatchObject(foreign);
    expect(sent.at(-1)).toBe('config:import fix');
  });

  test('is foreign if it has a name of its own and no app links it', async () => {
    const { result, sent } = await create({ create: exists, info: info('-') }, elsewhere);
    expect(result).toMatchObject(foreign);
    expect(sent.filter((line) => line.startsWith('redis:info'))).toHaveLength(61);
  });

  test('needs a new plan if it has disappeared again', async () => {
    expect((await create({ create: exists, info: gone })).result).toEqual({ outcome: 'stale' });
  });

  test('is this app’s if another job’s create was faster by a moment, whatever Docker says', async () => {
    const starting = [info('-', 'created'), info('-', 'running')];
    expect((await create({ create: conflict, info: starting })).result).toEqual(own);
  });

  test('fails with the host’s own words if its creation has really failed', async () => {
    for (const found of [gone, info('-', 'missing')]) {
      expect((await create({ create: conflict, info: found })).result).toMatchObject({
        code: 'host-refused',
        said: [expect.stringContaining('container ID file found')],
      });
    }
  });

  test('counts as made if the app’s marker named it before this run', async () => {
    const { result, sent } = await create(
      { create: exists, info: gone },
      { markerWithoutService: undefined },
    );
    expect([result, sent]).toEqual([
      { outcome: 'skipped', detail: 'it already exists' },
      ['redis:create fix-redis'],
    ]);
  });
});
