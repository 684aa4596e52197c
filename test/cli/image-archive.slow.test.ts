import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { dockerArchive, type ImageContent } from '../support/image.ts';
import { fetchPage } from '../support/page.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
  repository = aRepository('main');
  repository.commit({ 'index.html': 'the files of the commit' });
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

const archiveOf = (page: string, more: Partial<ImageContent> = {}): Promise<Buffer> =>
  dockerArchive({ ...more, files: { page, ...more.files } });

interface Deploy {
  readonly app: string;
  readonly archive: Uint8Array;
  readonly flags?: readonly string[];
  readonly stop?: AbortSignal;
}

const deploy = async ({ app, archive, flags = [], stop }: Deploy) => {
  writeFileSync(join(repository.folder, 'image.tar'), archive);
  const before = sandbox.journal.commands.length;
  const { exit, stderr } = await runProgram({
    argv: ['deploy', 'production', '--app', app, '--image-archive', 'image.tar', ...flags],
    cwd: repository.folder,
    env: {
      ...sandbox.env,
      GITLAB_CI: 'true',
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
      CI_COMMIT_SHA: repository.git('rev-parse', 'HEAD'),
      CI_COMMIT_REF_NAME: 'main',
    },
    ...(stop && { stop }),
  });
  const sent = sandbox.journal.commands.slice(before).map(({ line }) => line);
  const shipped = sent.filter((line) => /^(git:(load|from)-image|git-receive-pack|ps:rebuild)/.test(line));
  return { exit, log: stderr, sent, shipped: shipped.map((line) => line.replace(/:[0-9a-f]{64}$/, ':ID')) };
};

const shows = (app: string) => fetchPage(`http://${app}.localhost:${sandbox.webPort}`);

describe('deploy --image-archive', () => {
  test('creates the app and loads the image under a name of its own', async () => {
    const result = await deploy({ app: 'first', archive: await archiveOf('one') });
    expect([result.exit, result.shipped, await shows('first')]).toEqual([
      0,
      ['git:load-image first dokku-deploy.invalid/first:ID'],
      'one',
    ]);
  });

  test('sends nothing if the image is the one that runs', async () => {
    const archive = await archiveOf('one');
    await deploy({ app: 'same', archive });
    const again = await deploy({ app: 'same', archive });
    expect([again.exit, again.shipped]).toEqual([0, []]);
    expect(again.log).toContain('the host already runs this image');
  });

  test('deploys new content under the same name in the archive', async () => {
    await deploy({ app: 'moved', archive: await archiveOf('one') });
    const result = await deploy({ app: 'moved', archive: await archiveOf('two') });
    expect([result.exit, await shows('moved')]).toEqual([0, 'two']);
  });

  test('deploys an image without a name, and a compressed archive', async () => {
    const unnamed = await deploy({ app: 'unnamed', archive: await archiveOf('one', { tags: null }) });
    expect([unnamed.exit, await shows('unnamed')]).toEqual([0, 'one']);
    const packed = await deploy({ app: 'packed', archive: gzipSync(await archiveOf('packed')) });
    expect([packed.exit, await shows('packed')]).toEqual([0, 'packed']);
  });

  test('refuses an archive that was cut off before it contacts the host', async () => {
    const archive = await archiveOf('one');
    const result = await deploy({ app: 'cut', archive: archive.subarray(0, archive.length / 2) });
    expect([result.exit, result.sent]).toEqual([2, []]);
    expect(result.log).toContain('image.tar cannot be deployed as an image');
  });

  test('leaves the old version running if the new one fails, and deploys the old archive again', async () => {
    const good = await archiveOf('good');
    await deploy({ app: 'back', archive: good });
    const failed = await deploy({ app: 'back', archive: await archiveOf('bad', { command: ['false'] }) });
    expect([failed.exit, await shows('back')]).toEqual([5, 'good']);
    const again = await deploy({ app: 'back', archive: good });
    expect([again.exit, await shows('back')]).toEqual([0, 'good']);
    expect((await deploy({ app: 'back', archive: good })).shipped).toEqual([]);
  });

  test('sends the archive again after a lost connection, and finds what the host did with it', async () => {
    sandbox.faults.inject(/^git:load-image lost/, { kind: 'drop-before' });
    sandbox.faults.inject(/^git:load-image lost/, { kind: 'drop-during', at: /Building lost/ });
    const result = await deploy({ app: 'lost', archive: await archiveOf('one') });
    expect([result.exit, await shows('lost')]).toEqual([0, 'one']);
  });

  test('deploys nothing if it is stopped while it sends, and starts anew when it runs again', async () => {
    const archive = await archiveOf('one', { files: { noise: randomBytes(30_000_000).toString('base64') } });
    const stop = new AbortController();
    const timer = setInterval(() => {
      if (sandbox.journal.commands.some(({ line }) => line.startsWith('git:load-image stopped')))
        stop.abort('SIGTERM');
    }, 1);
    const stopped = await deploy({ app: 'stopped', archive, stop: stop.signal });
    clearInterval(timer);
    expect([stopped.exit, sandbox.state.apps.get('stopped')?.deployed]).toEqual([143, false]);
    const again = await deploy({ app: 'stopped', archive });
    expect([again.exit, await shows('stopped')]).toEqual([0, 'one']);
  });
});
