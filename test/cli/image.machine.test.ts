import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { type ImageContent, pushImage, serverCode } from '../support/image.ts';
import { fetchPage } from '../support/page.ts';
import { aRegistry, type Registry, registryLogin } from '../support/registry.ts';
import { aFolder, aRepository, type TestRepository } from '../support/repository.ts';
import { runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let registry: Registry;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: ['redis'] });
  registry = await aRegistry();
  repository = aRepository('main');
  repository.commit({ 'index.html': 'the files of the commit' });
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await registry[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});

const page = (text: string, more: Readonly<Record<string, string>> = {}): ImageContent => ({
  files: { page: text, ...more },
});

interface Deploy {
  readonly app: string;
  /** The image's name in the registry. */
  readonly image: string | undefined;
  readonly folder?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Deploys an image with `deploy --image`; returns the exit code, the log and the commands that changed something. */
const deploy = ({ app, image, folder, flags = [], env }: Deploy) =>
  run(
    [
      ...['deploy', 'production', '--app', app, ...flags],
      ...(image === undefined ? [] : ['--image', `${registry.host}/${image}`]),
    ],
    { ...(folder && { folder }), ...(env && { env }) },
  );

/** Runs a command in a job for the default branch. */
const run = async (
  argv: readonly string[],
  { folder = repository.folder, env = {} }: Partial<Pick<Deploy, 'folder' | 'env'>> = {},
) => {
  const before = sandbox.journal.commands.length;
  const { exit, stderr, stdout } = await runProgram({
    argv,
    cwd: folder,
    env: {
      ...sandbox.env,
      GITLAB_CI: 'true',
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
      CI_COMMIT_SHA: repository.git('rev-parse', 'HEAD'),
      CI_COMMIT_REF_NAME: 'main',
      ...env,
    },
  });
  const sent = sandbox.journal.commands
    .slice(before)
    .map(({ line }) => line.replaceAll(registry.host, 'REG'));
  return { exit, stdout, log: stderr.replaceAll(registry.host, 'REG'), sent };
};

const shows = async (app: string) => fetchPage(`http://${app}.localhost:${sandbox.webPort}`);
const shipping = /^(git:|git-receive-pack|ps:rebuild)(?!report)/;
const shipped = (sent: readonly string[]) => sent.filter((line) => shipping.test(line));

describe('deploy --image', () => {
  test('creates the app and deploys the image by the digest of its tag', async () => {
    const digest = await pushImage(registry, 'first:1', page('one'));
    const result = await deploy({ app: 'first', image: 'first:1' });
    expect([result.exit, result.stdout]).toEqual([0, `http://first.localhost:${sandbox.webPort}\n`]);
    expect(shipped(result.sent)).toEqual([`git:from-image first REG/first@${digest}`]);
    expect(await shows('first')).toBe('one');
  });

  test('ships nothing if the tag still has the content that runs, and asks the host once', async () => {
    await pushImage(registry, 'same:1', page('one'));
    await deploy({ app: 'same', image: 'same:1' });
    const again = await deploy({ app: 'same', image: 'same:1' });
    expect([again.exit, shipped(again.sent)]).toEqual([0, []]);
    expect(again.log).toContain('the host already runs this image');
  });

  test('deploys new content under the same tag', async () => {
    await pushImage(registry, 'moved:latest', page('one'));
    await deploy({ app: 'moved', image: 'moved' });
    const digest = await pushImage(registry, 'moved:latest', page('two'));
    const result = await deploy({ app: 'moved', image: 'moved' });
    expect([result.exit, shipped(result.sent)]).toEqual([0, [`git:from-image moved REG/moved@${digest}`]]);
    expect(await shows('moved')).toBe('two');
  });

  test('refuses a tag that the registry does not have, before it contacts the host', async () => {
    await pushImage(registry, 'known:1', page('one'));
    const result = await deploy({ app: 'refused', image: 'known:2' });
    expect([result.exit, result.sent]).toEqual([2, []]);
    expect(result.log).toContain('has no image REG/known:2');
    expect(result.log).toContain('MANIFEST_UNKNOWN: manifest unknown');
  });

  test('deploys again after a failed deploy of another image, although the old one still runs', async () => {
    const good = page('good');
    const bad: ImageContent = { files: { page: 'bad' }, command: ['false'] };
    const digest = await pushImage(registry, 'back:1', good);
    await deploy({ app: 'back', image: 'back:1' });
    await pushImage(registry, 'back:2', bad);
    const failed = await deploy({ app: 'back', image: 'back:2' });
    expect([failed.exit, await shows('back')]).toEqual([5, 'good']);
    const again = await deploy({ app: 'back', image: 'back:1' });
    expect(again.exit).toBe(0);
    // The host reports no changes, since it took the failed image's commit back.
    expect(shipped(again.sent)).toEqual([`git:from-image back REG/back@${digest}`, 'ps:rebuild back']);
    const then = await deploy({ app: 'back', image: 'back:1' });
    expect(shipped(then.sent)).toEqual([]);
  });

  test('finds out what became of a deploy whose connection was lost, instead of believing “No changes”', async () => {
    await pushImage(registry, 'lost:1', page('one'));
    sandbox.faults.inject(/^git:from-image lost/, { kind: 'drop-during', at: /Building lost/ });
    const result = await deploy({ app: 'lost', image: 'lost:1' });
    expect([result.exit, await shows('lost')]).toEqual([0, 'one']);
    const again = await deploy({ app: 'lost', image: 'lost:1' });
    expect([again.exit, shipped(again.sent)]).toEqual([0, []]);
  });

  test('deploys an image whose script failed, once the script can succeed', async () => {
    const release = {
      'app.json': JSON.stringify({ scripts: { dokku: { predeploy: 'test -n "$ALLOWED"' } } }),
    };
    await pushImage(registry, 'twice:1', page('one', release));
    const failed = await deploy({ app: 'twice', image: 'twice:1' });
    expect(failed.exit).toBe(4);
    expect(failed.log).toContain('A script of app.json');
    writeFileSync(join(repository.folder, 'allowed.yml'), 'env: {ALLOWED: "yes"}\n');
    const fixed = await deploy({ app: 'twice', image: 'twice:1', flags: ['--config', 'allowed.yml'] });
    expect([fixed.exit, await shows('twice')]).toEqual([0, 'one']);
  });

  test('starts a container that was stopped, and builds the same image again with --rebuild', async () => {
    await pushImage(registry, 'rebuilt:1', page('one'));
    await deploy({ app: 'rebuilt', image: 'rebuilt:1' });
    const rebuilt = await deploy({ app: 'rebuilt', image: 'rebuilt:1', flags: ['--rebuild'] });
    expect([rebuilt.exit, shipped(rebuilt.sent)]).toEqual([0, ['ps:rebuild rebuilt']]);
  });

  test('goes from an image to the commit’s files and back', async () => {
    const digest = await pushImage(registry, 'both:1', page('the image'));
    await deploy({ app: 'both', image: 'both:1' });
    const files = await deploy({ app: 'both', image: undefined });
    expect([files.exit, await shows('both')]).toEqual([0, 'the files of the commit']);
    const back = await deploy({ app: 'both', image: 'both:1' });
    expect([back.exit, await shows('both')]).toEqual([0, 'the image']);
    expect(shipped(back.sent)).toEqual([`git:from-image both REG/both@${digest}`]);
  });

  test('is gone back to by its digest, with its own app.json', async () => {
    const withScript = (text: string) =>
      page(text, { 'app.json': `{"scripts": {"dokku": {"predeploy": "echo release of ${text}"}}}` });
    const digest = await pushImage(registry, 'early:1', withScript('one'));
    await deploy({ app: 'early', image: 'early:1' });
    await pushImage(registry, 'early:1', withScript('two'));
    await deploy({ app: 'early', image: 'early:1' });
    expect(await shows('early')).toBe('two');
    const back = await run(['rollback', 'production', '--app', 'early']);
    expect([back.exit, await shows('early')]).toEqual([0, 'one']);
    expect(shipped(back.sent)).toEqual([`git:from-image early REG/early@${digest}`]);
    expect(back.log).toContain('release of one');
  });

  test('runs the release command, the predeploy script and the health checks of the image’s own files', async () => {
    await pushImage(
      registry,
      'scripts:1',
      page('one', {
        'app.json': JSON.stringify({
          scripts: { dokku: { predeploy: 'echo the predeploy of the image' } },
          healthchecks: { web: [{ type: 'startup', name: 'answers', path: '/' }] },
        }),
        Procfile: 'release: echo the release of the image\nweb: node serve.js\n',
        'serve.js': serverCode,
      }),
    );
    repository.commit({ 'app.json': '{"env": {"NEEDED": {"required": true}}}' });
    const result = await deploy({ app: 'scripts', image: 'scripts:1' });
    repository.commit({ 'app.json': '{}' });
    expect(result.exit).toBe(0);
    for (const text of ['the predeploy of the image', 'the release of the image', "name='answers'"])
      expect(result.log).toContain(text);
  });

  test('deploys from a job without a checkout', async () => {
    using empty = aFolder();
    const digest = await pushImage(registry, 'bare:1', page('one'));
    const result = await deploy({ app: 'bare', image: 'bare:1', folder: empty.folder });
    expect([result.exit, shipped(result.sent)]).toEqual([0, [`git:from-image bare REG/bare@${digest}`]]);
    const again = await deploy({ app: 'bare', image: 'bare:1', folder: empty.folder });
    expect([again.exit, shipped(again.sent)]).toEqual([0, []]);
  });
});

describe('registry, in the configuration file', () => {
  let guarded: Registry;

  beforeAll(async () => {
    guarded = await aRegistry({ withLogin: true });
  });

  afterAll(() => guarded[Symbol.asyncDispose]());

  /** Deploys an image of the registry with a login of this password. */
  const login = async (app: string, password: string | undefined, image = `${app}:1`) => {
    const registryKey = `registry: {server: '${guarded.host}', user: ${registryLogin.user}, password: $REGISTRY_TOKEN}\n`;
    writeFileSync(
      join(repository.folder, 'registry.yml'),
      `source: {image: '${guarded.host}/${image}'}\n${password === undefined ? '' : registryKey}`,
    );
    const env = { REGISTRY_TOKEN: password ?? '' };
    return deploy({ app, image: undefined, flags: ['--config', 'registry.yml'], env });
  };

  test('logs the host in with the password on standard input, and pulls with that login', async () => {
    const digest = await pushImage(guarded, 'private:1', page('private'));
    const result = await login('private', registryLogin.password);
    expect([result.exit, await shows('private')]).toEqual([0, 'private']);
    const address = guarded.host;
    expect(result.sent.filter((line) => /^(registry|git:from)/.test(line))).toEqual([
      `registry:login --password-stdin private ${address} ${registryLogin.user}`,
      `git:from-image private ${address}/private@${digest}`,
    ]);
    expect(result.log).not.toContain(registryLogin.password);
    const again = await login('private', registryLogin.password);
    expect(again.sent.some((line) => line.startsWith('registry:login'))).toBe(false);
  });

  test('is refused with the registry’s words before the host is contacted if the password is wrong', async () => {
    await pushImage(guarded, 'wrong:1', page('private'));
    const result = await login('wrong', 'another-password');
    expect([result.exit, result.sent]).toEqual([2, []]);
    expect(result.log).toContain(`refuses ${registryLogin.user} access`);
    expect(result.log).not.toContain('another-password');
  });

  test('is missing: the job warns, and the host’s own refusal ends the run', async () => {
    await pushImage(guarded, 'missing:1', page('private'));
    const result = await login('missing', undefined);
    expect(result.exit).toBe(4);
    expect(result.log).toContain('shows it to no one without a login');
    expect(result.log).toContain('no basic auth credentials');
    expect(result.log).toContain('image-not-pulled');
  });

  test('is for the files of a commit, too: a wrong password is the host’s to refuse', async () => {
    writeFileSync(
      join(repository.folder, 'registry.yml'),
      `registry: {server: '${guarded.host}', user: ${registryLogin.user}, password: $REGISTRY_TOKEN}\n`,
    );
    const flags = ['--config', 'registry.yml'];
    const result = await deploy({
      app: 'files',
      image: undefined,
      flags,
      env: { REGISTRY_TOKEN: 'another-password' },
    });
    expect([result.exit, shipped(result.sent)]).toEqual([4, []]);
    expect(result.log).toContain('401 Unauthorized');
    expect(result.log).toContain('< [registry.password]');
  });
});
