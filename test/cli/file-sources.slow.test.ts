import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Network, startNetwork } from '../../bench/network.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { writeFiles } from '../support/many-files.ts';
import { fetchPage } from '../support/page.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';

let sandbox: Sandbox;
let network: Network;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
  network = await startNetwork(sandbox.port, 0);
});

afterAll(async () => {
  await network[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});

/** Where a kind of source has its files, and whether they are committed. */
interface Kind {
  readonly folder: string;
  readonly isCommitted: boolean;
  readonly configuration: string;
  /** The path of the page at the app's URL. */
  readonly url: string;
}

const kinds: Readonly<Record<string, Kind>> = {
  commit: { folder: '.', isCommitted: true, configuration: '', url: '/' },
  root: {
    folder: 'packages/api',
    isCommitted: true,
    configuration: 'source: {root: packages/api}',
    url: '/',
  },
  dir: { folder: 'dist', isCommitted: false, configuration: 'source: {dir: dist}', url: '/' },
  include: { folder: 'dist', isCommitted: false, configuration: 'source: {include: [dist]}', url: '/dist/' },
};

/** A project of one megabyte, with its app. */
class Project {
  readonly app: string;
  readonly #kind: Kind;
  readonly #repository: TestRepository = aRepository('main');

  constructor(app: string, kind: Kind) {
    this.app = app;
    this.#kind = kind;
    const files = Array.from({ length: 500 }, (_, number): [string, string] => [
      `files/${number}.txt`,
      randomBytes(1_500).toString('base64'),
    ]);
    this.#repository.commit({
      '.gitignore': 'dist\n',
      '.dokku-deploy.yml': kind.configuration,
      'index.html': 'the top',
    });
    this.change({ 'index.html': 'one', ...Object.fromEntries(files) });
  }

  /** Changes files of the source, app.json at the root of what is shipped; in a new commit, as each pipeline has one. */
  change(files: Record<string, string>, manifest?: object): void {
    const { folder, isCommitted, configuration } = this.#kind;
    const placed = Object.entries(files).map(([path, text]): [string, string] => [join(folder, path), text]);
    const appFolder = configuration.includes('include') ? '.' : folder;
    const appJson = manifest && { [join(appFolder, 'app.json')]: JSON.stringify(manifest) };
    const { folder: top } = this.#repository;
    writeFiles(top, { ...Object.fromEntries(placed), ...appJson });
    if (isCommitted || appJson || this.#repository.git('status', '--porcelain') !== '') {
      this.#repository.git('add', '--all');
      this.#repository.git('commit', '--quiet', '--allow-empty', '-m', 'Change it');
    }
  }

  async page(): Promise<string> {
    return fetchPage(`http://${this.app}.localhost:${sandbox.webPort}${this.#kind.url}`);
  }

  /** Runs the job; `signal`: for the job when its log contains this text. */
  async run({ flags = [], signal }: { flags?: readonly string[]; signal?: [NodeJS.Signals, string] } = {}) {
    network.take();
    const before = sandbox.journal.commands.length;
    const { child, result } = startProgram(
      sourceCommand('deploy', 'production', '--app', this.app, ...flags),
      {
        cwd: this.#repository.folder,
        env: {
          ...sandbox.env,
          DOKKU_HOST: `127.0.0.1:${network.port}`,
          SSH_KNOWN_HOSTS: sandbox.knownHosts.replace(/^\S+/, `[127.0.0.1]:${network.port}`),
          CI_PROJECT_ID: '42',
          CI_PROJECT_PATH: 'group/shop',
          CI_COMMIT_SHA: this.#repository.git('rev-parse', 'HEAD'),
          CI_COMMIT_REF_NAME: 'main',
        },
      },
    );
    let log = '';
    child.stderr?.on('data', (chunk) => {
      log += String(chunk);
      if (signal && log.includes(signal[1])) child.kill(signal[0]);
    });
    const { exit, output } = await result;
    const commands = sandbox.journal.commands.slice(before).map(({ line }) => line.split(' ')[0] ?? '');
    return { exit, output, commands, bytes: network.take().sent };
  }

  [Symbol.dispose](): void {
    this.#repository[Symbol.dispose]();
  }
}

const printed = ['Application deployed', 'Execution of predeploy task failed', 'App build failed'];

/** What was sent (all bytes of the connection), what the host printed about it in the end, and the exit code. */
const rowOf = ({ exit, output, bytes }: Awaited<ReturnType<Project['run']>>): string[] => [
  describeBytes(bytes, output.includes('-----> Building')),
  printed.find((words) => output.includes(words)) ?? '–',
  exit === null ? 'killed' : String(exit),
];

const describeBytes = (bytes: number, hasPushed: boolean): string => {
  if (bytes > 700_000) return 'everything (1 MB)';
  if (bytes > 15_000) return `${bytes} bytes`;
  return hasPushed ? 'the change (less than 15 kB)' : 'nothing';
};

const predeploy = (script: string) => ({ scripts: { dokku: { predeploy: script } } });
const started = 'Executing predeploy task';

/** The cases, each with an app of its own, in the order of the table. */
const cases: Readonly<Record<string, (project: Project) => Promise<readonly string[]>>> = {
  first: async (project) => rowOf(await project.run()),
  'second, one file changed': async (project) => {
    await project.run();
    project.change({ 'index.html': 'two' });
    const row = rowOf(await project.run());
    expect(await project.page()).toBe('two');
    return row;
  },
  unchanged: async (project) => {
    await project.run();
    const again = await project.run();
    expect(again.output).toContain('the host already runs this commit');
    return rowOf(again);
  },
  'failing predeploy script': async (project) => {
    await project.run();
    project.change({ 'index.html': 'two' }, predeploy('exit 1'));
    const failed = await project.run();
    expect(await project.page()).toBe('one');
    return rowOf(failed);
  },
  'app missing, with `--no-create`': async (project) => rowOf(await project.run({ flags: ['--no-create'] })),
  'killed during the deploy': async (project) => {
    project.change({}, predeploy('sleep 3'));
    return rowOf(await project.run({ signal: ['SIGKILL', started] }));
  },
  'run again after that': async (project) => {
    project.change({}, predeploy('sleep 3'));
    await project.run({ signal: ['SIGKILL', started] });
    const row = rowOf(await project.run());
    expect(await project.page()).toBe('one');
    return row;
  },
  'cancelled during the deploy': async (project) => {
    project.change({}, predeploy('sleep 3'));
    const cancelled = await project.run({ signal: ['SIGTERM', started] });
    expect(cancelled.commands).toContain('builds:cancel');
    expect(sandbox.state.apps.get(project.app)?.deployed).toBe(false);
    return rowOf(cancelled);
  },
  'run again after the cancellation': async (project) => {
    project.change({}, predeploy('sleep 3'));
    await project.run({ signal: ['SIGTERM', started] });
    const row = rowOf(await project.run());
    expect(await project.page()).toBe('one');
    return row;
  },
};

/** The cells of the page's table, by source and case. */
const documented = new Map(
  readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => /^\| `(commit|root|dir|include)` \|/.test(line))
    .map((line) => line.slice(2, -2).split(' | '))
    .map(([kind = '', name = '', ...cells]) => [`${kind.replaceAll('`', '')}: ${name}`, cells]),
);

const rows = Object.entries(kinds).flatMap(([name, kind]) =>
  Object.entries(cases).map(([title, act]) => ({ title: `${name}: ${title}`, kind, act })),
);

describe('the table of files in docs/sources.md', () => {
  test.each(rows)('$title', { timeout: 120_000 }, async ({ title, kind, act }) => {
    using project = new Project(title.match(/[a-z]+/g)?.join('-') ?? '', kind);
    expect(await act(project)).toEqual(documented.get(title));
  });

  test('has a row for each case', () => {
    expect([...documented.keys()]).toEqual(rows.map(({ title }) => title));
  });
});
