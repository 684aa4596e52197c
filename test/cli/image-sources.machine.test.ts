import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Network, startNetwork } from '../../bench/network.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { dockerArchive, type ImageContent, pushImage } from '../support/image.ts';
import { fetchPage } from '../support/page.ts';
import { aRegistry, type Registry } from '../support/registry.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';

let sandbox: Sandbox;
let network: Network;
let registry: Registry;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
  network = await startNetwork(sandbox.port, 0);
  registry = await aRegistry();
  repository = aRepository('main');
  repository.commit({ 'index.html': '' });
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await registry[Symbol.asyncDispose]();
  await network[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});

/** Makes content deployable under a name that stays the same, and returns the flags that choose it. */
type Publish = (app: string, content: ImageContent) => Promise<readonly string[]>;

const kinds: Readonly<Record<string, Publish>> = {
  image: async (app, content) => {
    await pushImage(registry, `${app}:1`, content);
    return ['--image', `${registry.host}/${app}:1`];
  },
  image_archive: async (app, content) => {
    writeFileSync(join(repository.folder, `${app}.tar`), await dockerArchive(content));
    return ['--image-archive', `${app}.tar`];
  },
};

interface Run {
  readonly app: string;
  readonly flags: readonly string[];
  /** A signal for the job when its log contains this text. */
  readonly signal?: { readonly name: NodeJS.Signals; readonly at: string };
}

const run = async ({ app, flags, signal }: Run) => {
  network.take();
  const before = sandbox.journal.commands.length;
  const { child, result } = startProgram(sourceCommand('deploy', 'production', '--app', app, ...flags), {
    cwd: repository.folder,
    env: {
      ...sandbox.env,
      DOKKU_HOST: `127.0.0.1:${network.port}`,
      SSH_KNOWN_HOSTS: sandbox.knownHosts.replace(/^\S+/, `[127.0.0.1]:${network.port}`),
      GITLAB_CI: 'true',
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
      CI_COMMIT_SHA: repository.git('rev-parse', 'HEAD'),
      CI_COMMIT_REF_NAME: 'main',
    },
  });
  let log = '';
  child.stderr?.on('data', (chunk) => {
    log += String(chunk);
    if (signal && log.includes(signal.at)) child.kill(signal.name);
  });
  const { exit, output } = await result;
  const sent = sandbox.journal.commands.slice(before).map(({ line }) => line.split(' ')[0] ?? '');
  return { exit, output, sent, bytes: network.take().sent };
};

/** What was sent (all bytes of the connection), what the host printed about it in the end, and the exit code: a row of the table. */
const rowOf = ({ exit, output, sent, bytes }: Awaited<ReturnType<typeof run>>): string[] => {
  const shipped = describeBytes(bytes, sent);
  const said = ['Application deployed', 'No changes detected', 'Could not start due to 1 failed checks'].find(
    (words) => output.includes(words),
  );
  return [shipped, said ?? '–', exit === null ? 'killed' : String(exit)];
};

const describeBytes = (bytes: number, sent: readonly string[]): string => {
  if (sent.includes('git:load-image')) return bytes > 1_000_000 ? 'the archive (1 MB)' : `${bytes} bytes`;
  if (bytes > 15_000) return `${bytes} bytes`;
  return sent.includes('git:from-image') ? 'the name (less than 15 kB)' : 'nothing';
};

const noise = randomBytes(750_000).toString('base64');

const page = (text: string): ImageContent => ({ files: { page: text, noise } });
/** An image whose release takes some seconds. */
const slow: ImageContent = {
  files: {
    page: 'slow',
    noise,
    'app.json': JSON.stringify({ scripts: { dokku: { predeploy: 'sleep 3' } } }),
  },
};

/** The cases, each from an app of its own, in the order of the table. */
const cases: Readonly<Record<string, (app: string, publish: Publish) => Promise<readonly string[]>>> = {
  first: async (app, publish) => rowOf(await run({ app, flags: await publish(app, page('one')) })),
  'second, other content': async (app, publish) => {
    await run({ app, flags: await publish(app, page('one')) });
    const row = rowOf(await run({ app, flags: await publish(app, page('two')) }));
    expect(await fetchPage(`http://${app}.localhost:${sandbox.webPort}`)).toBe('two');
    return row;
  },
  unchanged: async (app, publish) => {
    const flags = await publish(app, page('one'));
    await run({ app, flags });
    return rowOf(await run({ app, flags }));
  },
  'failing health check': async (app, publish) => {
    await run({ app, flags: await publish(app, page('one')) });
    const failed = await run({ app, flags: await publish(app, { files: { noise }, command: ['false'] }) });
    expect(await fetchPage(`http://${app}.localhost:${sandbox.webPort}`)).toBe('one');
    return rowOf(failed);
  },
  'app missing, with `--no-create`': async (app, publish) =>
    rowOf(await run({ app, flags: [...(await publish(app, page('one'))), '--no-create'] })),
  'killed during the deploy': async (app, publish) => {
    const signal = { name: 'SIGKILL', at: 'Executing predeploy task' } as const;
    return rowOf(await run({ app, flags: await publish(app, slow), signal }));
  },
  'run again after that': async (app, publish) => {
    const flags = await publish(app, slow);
    await run({ app, flags, signal: { name: 'SIGKILL', at: 'Executing predeploy task' } });
    const row = rowOf(await run({ app, flags }));
    expect(await fetchPage(`http://${app}.localhost:${sandbox.webPort}`)).toBe('slow');
    return row;
  },
  'cancelled during the deploy': async (app, publish) => {
    const signal = { name: 'SIGTERM', at: 'Executing predeploy task' } as const;
    const cancelled = await run({ app, flags: await publish(app, slow), signal });
    expect(cancelled.sent).toContain('builds:cancel');
    expect(sandbox.state.apps.get(app)?.deployed).toBe(false);
    return rowOf(cancelled);
  },
  'run again after the cancellation': async (app, publish) => {
    const flags = await publish(app, slow);
    await run({ app, flags, signal: { name: 'SIGTERM', at: 'Executing predeploy task' } });
    const row = rowOf(await run({ app, flags }));
    expect(await fetchPage(`http://${app}.localhost:${sandbox.webPort}`)).toBe('slow');
    return row;
  },
};

/** The cells of the page's table, by source and case. */
const documented = new Map(
  readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `image'))
    .map((line) => line.slice(2, -2).split(' | '))
    .map(([kind = '', name = '', ...cells]) => [`${kind.replaceAll('`', '')}: ${name}`, cells]),
);

const rows = Object.entries(kinds).flatMap(([kind, publish]) =>
  Object.entries(cases).map(([name, act]) => ({ title: `${kind}: ${name}`, publish, act })),
);

describe('the table in docs/sources.md', () => {
  test.each(rows)('$title', async ({ title, publish, act }) => {
    const app = title.match(/[a-z]+/g)?.join('-') ?? '';
    const row = await act(app, publish);
    expect(row).toEqual(documented.get(title));
  });

  test('has a row for each case', () => {
    expect([...documented.keys()]).toEqual(rows.map(({ title }) => title));
  });
});
