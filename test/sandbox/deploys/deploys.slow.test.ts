import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../../sandbox/host/state.ts';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';
import { type PushResult, pushTo } from '../../support/push.ts';
import { aRepository, type TestRepository } from '../../support/repository.ts';

let host: DokkuHost;
let repository: TestRepository;

beforeEach(async () => {
  host = await aDokkuHost([]);
  repository = aRepository();
});

/** Serves a folder over HTTP. */
const serveFiles = async (folder: string): Promise<{ readonly url: string } & AsyncDisposable> => {
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    readFile(join(folder, path)).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const close = async () => void server.close();
  return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: close };
};

afterEach(async () => {
  repository[Symbol.dispose]();
  await host[Symbol.asyncDispose]();
});

const app = (name = 'shop'): App => {
  const found = host.machine.state.apps.get(name);
  if (!found) throw new Error(`there is no app ${name}`);
  return found;
};

/** Commits files and pushes them. */
const push = (files: Readonly<Record<string, string>>, ref?: string): Promise<PushResult> => {
  repository.commit(files);
  return pushTo(host.machine, repository, { app: 'shop', ...(ref === undefined ? {} : { ref }) });
};

const output = async (line: string): Promise<string> => (await host.run(line)).out.trim();

const scripts = (dokku: Readonly<Record<string, string>>) => ({
  'app.json': JSON.stringify({ scripts: { dokku } }),
});

/** Waits until the app's current build has printed a text. */
const printed = async (text: string): Promise<void> => {
  const isPrinted = () =>
    host.machine.state.apps
      .get('shop')
      ?.builds.at(-1)
      ?.log.some((line) => line.includes(text));
  while (!isPrinted()) await sleep(10);
};

const site = { 'index.html': 'one' };

describe('the revision of an app', () => {
  test('is written before the build and stays when the deploy fails, unlike its source', async () => {
    await push(site);
    const good = repository.git('rev-parse', 'HEAD');
    await push(scripts({ predeploy: 'exit 1' }));
    expect(await output('config:get shop GIT_REV')).toBe(repository.git('rev-parse', 'HEAD'));
    expect(await output('apps:report shop --app-deploy-source-metadata')).toBe(good);
    expect(await output('git:report shop --git-sha')).toBe(good);
  });

  test('is left alone by ps:rebuild', async () => {
    await push(site);
    await push(scripts({ postdeploy: 'exit 1' }));
    const failed = repository.git('rev-parse', 'HEAD');
    expect((await host.run('ps:rebuild shop')).exit).toBe(0);
    expect(await output('config:get shop GIT_REV')).toBe(failed);
  });
});

describe('after a failed deploy', () => {
  const server = (status: number) => ({
    'server.cjs': `require('http').createServer((q, r) => { r.statusCode = ${status}; r.end('${status}'); }).listen(process.env.PORT)`,
    Dockerfile: `FROM scratch\nCMD ${process.execPath} server.cjs`,
  });
  const page = async () => (await fetch(`http://127.0.0.1:${app().web?.port}/`)).text();

  test('of the health checks the old process serves, and a restart starts the failed image', async () => {
    await push(server(200));
    const healthchecks = { web: [{ type: 'startup', name: 'up', path: '/', attempts: 1 }] };
    const failed = await push({ ...server(500), 'app.json': JSON.stringify({ healthchecks }) });
    expect([failed.accepted, await page()]).toEqual([false, '200']);
    // The checks of the last good deploy still count, and that had none.
    expect([(await host.run('ps:restart shop')).exit, await page()]).toEqual([0, '500']);
  });

  test('of the build a restart starts the old image', async () => {
    await push(server(200));
    const failed = await push({ Dockerfile: 'FROM scratch\nRUNN x\n' });
    expect([failed.accepted, failed.output.includes('Retagging old image')]).toEqual([false, true]);
    expect([(await host.run('ps:restart shop')).exit, await page()]).toEqual([0, '200']);
  });

  test.each([
    ['build', { Dockerfile: 'RUNN x\n' }, { status: 'abandoned', exitCode: undefined }],
    ['predeploy script', { ...site, ...scripts({ predeploy: 'exit 1' }) }, { status: 'failed', exitCode: 1 }],
  ])('of the %s the record of the build says so', async (_, files, record) => {
    await push(files);
    expect(app().builds.at(-1)).toMatchObject(record);
  });
});

describe('the deploy lock', () => {
  const slow = { ...site, ...scripts({ predeploy: 'echo started; sleep 1; echo done > ended' }) };

  test('refuses a second push, after which builds:cancel finds nothing', async () => {
    const first = push(slow);
    await printed('Executing predeploy');
    const second = await pushTo(host.machine, repository, { app: 'shop' });
    expect([second.accepted, second.output]).toEqual([
      false,
      " !     shop currently has a deploy lock in place. Exiting...\n !     Run 'apps:unlock' to release the existing deploy lock",
    ]);
    expect(await host.run('builds:cancel shop')).toMatchObject({
      exit: 0,
      out: '-----> No matching app deploy found\n',
    });
    expect((await host.run('apps:locked shop')).exit).toBe(0);
    expect((await first).accepted).toBe(true);
    expect((await host.run('apps:locked shop')).exit).toBe(1);
  });

  test('is free at once after builds:cancel, while the script runs to its end', async () => {
    const first = push(slow);
    await printed('Executing predeploy');
    expect(await output('builds:cancel shop')).toBe('-----> Killing app deploy');
    expect((await host.run('apps:locked shop')).exit).toBe(1);
    expect((await first).decision).toBe('killed');
    expect(await output('builds:cancel shop')).toBe('-----> App not currently deploying');
    expect(app().builds.at(-1)).toMatchObject({ status: 'canceled', exitCode: -1 });
    expect(app().tasks.size).toBe(1);
    while (app().tasks.size > 0) await sleep(20);
  });

  test('stays when the build is killed, until builds:cancel or apps:unlock frees it', async () => {
    for (const [line, said] of [
      ['builds:cancel shop', '-----> Build was already terminated, marking failed'],
      ['apps:unlock shop', '-----> Deploy lock removed'],
    ] as const) {
      host.machine.state.killBuild = { at: /Releasing/, keepsLock: true };
      expect((await push({ ...site, 'killed.txt': line })).decision).toBe('killed');
      expect((await pushTo(host.machine, repository, { app: 'shop' })).output).toContain('deploy lock');
      expect(app().builds.map(({ status }) => status)).toContain('abandoned');
      // The refused push has hidden the build from builds:cancel.
      app().lockFile = app().builds.find(({ log }) => log.length > 2)?.id;
      expect(await output(line)).toBe(said);
      expect((await pushTo(host.machine, repository, { app: 'shop' })).accepted).toBe(true);
      await host.run('apps:destroy shop --force');
    }
  });

  test('is not taken by apps:lock, and a deploy removes it', async () => {
    await push(site);
    await host.run('apps:lock shop');
    expect((await push({ 'index.html': 'two' })).accepted).toBe(true);
    expect((await host.run('apps:locked shop')).exit).toBe(1);
  });

  test('is not needed for a restart', async () => {
    await push(site);
    const first = push(slow);
    await printed('Executing predeploy');
    expect((await host.run('ps:restart shop')).exit).toBe(0);
    expect((await first).accepted).toBe(true);
  });
});

describe('a push of a tag', () => {
  test('makes it the deploy branch if none is set, and master is ignored from then on', async () => {
    const first = await push(site, 'refs/tags/v1');
    expect([first.output.includes('Set v1 as deploy-branch'), app().deployed]).toEqual([true, true]);
    const second = await push({ 'index.html': 'two' });
    expect([second.accepted, second.output]).toEqual([
      true,
      expect.stringContaining('WARNING: deploy did not complete, you must push to v1.'),
    ]);
  });

  test('is stored with a warning if the deploy branch is set', async () => {
    await host.run('apps:create shop');
    await host.run('git:set shop deploy-branch master');
    expect((await push(site, 'refs/tags/v1')).output).toContain('you must push to master.');
    expect(app().deployed).toBe(false);
  });
});

describe('the files of a deploy', () => {
  test('are those of the build folder', async () => {
    await host.run('apps:create shop');
    await host.run('builder:set shop build-dir web/app');
    const refused = await push(site);
    expect([refused.accepted, refused.output]).toEqual([
      false,
      ' !     Specified build-dir not found in sourcecode working directory: web/app',
    ]);
    const { accepted } = await push({ 'web/app/index.html': 'from the folder' });
    const page = await fetch(`http://127.0.0.1:${app().web?.port}/`);
    expect([accepted, await page.text()]).toEqual([true, 'from the folder']);
  });

  /** Adds a repository as the submodule `lib` under a URL. */
  const addSubmodule = (library: TestRepository, url: string): void => {
    repository.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.folder, 'lib');
    repository.git('config', '-f', '.gitmodules', 'submodule.lib.url', url);
  };

  test('have an empty folder for a submodule with a relative URL, which the host cannot fetch', async () => {
    using library = aRepository();
    library.commit({ 'lib.txt': 'library' });
    addSubmodule(library, '../lib.git');
    const { accepted, output: text } = await push(site);
    expect([accepted, text]).toEqual([true, expect.stringMatching(/fatal: clone of '.*lib\.git'/)]);
  });

  test('contain a submodule that the host can fetch', async () => {
    using library = aRepository();
    library.commit({ 'lib.txt': 'library' });
    library.git('update-server-info');
    await using served = await serveFiles(join(library.folder, '.git'));
    addSubmodule(library, served.url);
    expect((await push(site)).accepted).toBe(true);
    const page = await fetch(`http://127.0.0.1:${app().web?.port}/lib/lib.txt`);
    expect(await page.text()).toBe('library');
  });

  test('are checked out like a work tree: export-ignore does not count, line endings do', async () => {
    await push({ ...site, 'note.txt': 'a\nb\n', '.gitattributes': 'note.txt text eol=crlf export-ignore\n' });
    const page = await fetch(`http://127.0.0.1:${app().web?.port}/note.txt`);
    expect(await page.text()).toBe('a\r\nb\r\n');
  });
});

describe('a deploy with', () => {
  test.each(['ps:set shop skip-deploy true', 'config:set --no-restart shop DOKKU_SKIP_DEPLOY=true'])(
    '"%s" builds and releases, and leaves the old process',
    async (line) => {
      await push(site);
      await host.run(line);
      const { accepted, output: text } = await push({ 'index.html': 'two' });
      const page = await fetch(`http://127.0.0.1:${app().web?.port}/`);
      expect([accepted, text.includes('-----> Skipping deployment'), await page.text()]).toEqual([
        true,
        true,
        'one',
      ]);
    },
  );

  test('an unknown builder deploys the old image', async () => {
    await push(site);
    await host.run('builder:set shop selected nosuch');
    const { accepted, output: text } = await push({ 'index.html': 'two' });
    const page = await fetch(`http://127.0.0.1:${app().web?.port}/`);
    expect([accepted, text.includes('-----> Building'), await page.text()]).toEqual([true, false, 'one']);
  });

  test('an unknown scheduler deploys nothing', async () => {
    await host.run('apps:create shop');
    await host.run('scheduler:set shop selected nosuch');
    const { accepted, output: text } = await push(site);
    expect([accepted, text.includes('Application deployed'), app().containers]).toEqual([true, true, []]);
  });

  test('a Procfile runs its types as they are scaled, and not the command of the image', async () => {
    await host.run('apps:create shop');
    await host.run('ps:scale shop worker=2');
    const { accepted, output: text } = await push({
      Dockerfile: 'FROM scratch\nCMD exit 1\n',
      Procfile: 'worker: sleep 30\n',
      'app.json': JSON.stringify({ healthchecks: { worker: [{ type: 'startup', name: 'up', uptime: 1 }] } }),
    });
    expect([accepted, app().containers.map(({ type, index }) => `${type}.${index}`)]).toEqual([
      true,
      ['worker.1', 'worker.2'],
    ]);
    expect(text).toContain(' !     Skipping web as it is missing from the current Procfile');
  });

  test('a script fails if the image has no bash, and the old version keeps running', async () => {
    await host.run('apps:create shop');
    const { accepted, output: text } = await push({
      Dockerfile: 'FROM busybox:latest\nCMD exec sleep 30\n',
      'app.json': JSON.stringify({ scripts: { dokku: { predeploy: 'echo ran' } } }),
    });
    expect([accepted, text.includes('exec: "/bin/bash": stat /bin/bash: no such file')]).toEqual([
      false,
      true,
    ]);
    expect(text).toContain(' !     Execution of predeploy task failed: echo ran');
  });

  test('a formation scales the types that it names, and all others to 0', async () => {
    await host.run('apps:create shop');
    await host.run('ps:scale shop worker=1 other=1');
    await push({
      Dockerfile: 'FROM scratch\nCMD exec sleep 30\n',
      Procfile: 'web: sleep 30\nworker: sleep 30\n',
      'app.json': JSON.stringify({ formation: { web: { quantity: 1 } } }),
    });
    expect([...app().scale]).toEqual([
      ['web', 1],
      ['worker', 0],
    ]);
  });
});
