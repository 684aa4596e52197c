import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { aGitLab, token } from '../support/gitlab.ts';
import { aHttpServer } from '../support/http.ts';
import { aRepository } from '../support/repository.ts';
import { type ProgramResult, runProgram } from '../support/world.ts';
import { printedForms } from './printed-forms.ts';
import { type Effort, type Row, sample } from './table.ts';

/** Characters that each form writes differently. */
const alphabets: readonly string[] = [
  'abcdefghijkmnpqrstuvwxyz23456789',
  'aB3$&+/= "\'\\%?é',
  'ABCDEFabcdef0123456789+/',
  'zażółć漢字😀<>`!*()~;|',
];

/** Who prints the secrets: a script of the app in a deploy that succeeds, or the host that refuses a command. */
const printers = ['app', 'host'] as const;
type Printer = (typeof printers)[number];

/**
 * Gives a job random secrets, lets the app or the host print them in every form, and searches what leaves the run (log, JSON
 * log, result, files, notification, merge request note) for them. Returns a row: secrets × forms × printers × log formats.
 */
export async function tryLeaks(effort: Effort): Promise<Row[]> {
  const secrets = sample(alphabets, effort).flatMap((alphabet) =>
    Array.from({ length: Math.max(1, Math.round(4 * effort.share)) }, () => makeSecret(alphabet)),
  );
  const wrong: string[] = [];
  let tried = 0;
  for (const printer of printers) {
    for (const logFormat of ['text', 'json']) {
      wrong.push(...(await findLeaks(secrets, { printer, logFormat })));
      tried += secrets.length * printedForms.length;
    }
  }
  return [{ part: 'secrets x forms', what: 'leaked', tried, wrong }];
}

/** 24 characters: none of them at the end that Dokku could not keep. */
function makeSecret(alphabet: string): string {
  const characters = [...alphabet];
  const random = [...randomBytes(22)].map((byte) => characters[byte % characters.length]).join('');
  return `s${random}x`;
}

interface Leaking {
  readonly printer: Printer;
  readonly logFormat: string;
}

async function findLeaks(secrets: readonly string[], { printer, logFormat }: Leaking): Promise<string[]> {
  const printed = secrets.flatMap((secret) => printedForms.map(([, write]) => write(secret)));
  const { result, places } = await runLeaking(secrets, {
    printer,
    logFormat,
    text: `${printed.join('\n')}\n`,
  });
  const expected = printer === 'app' ? 0 : 4;
  if (result.exit !== expected) return [`the run exits ${result.exit}: ${result.stderr.slice(-300)}`];
  // What the app prints is in the log only; an error of the host is in the notification and the note, too.
  const shown = places.slice(0, printer === 'app' ? 1 : 3);
  const silent = shown.filter(([, text]) => !/config\\?\.KEY/.test(text));
  return [
    ...silent.map(([place]) => `${place} does not show what the ${printer} printed (${logFormat})`),
    ...secrets.flatMap((secret, index) =>
      printedForms.flatMap(([form, write]) =>
        places
          .filter(([, text]) => text.includes(write(secret)))
          .map(
            ([place]) => `secret ${index} (${JSON.stringify(secret)}), ${form}: in ${place} (${logFormat})`,
          ),
      ),
    ),
  ];
}

type Place = readonly [name: string, text: string];

/** Runs `review start` with the secrets, which the printer prints as `text`. Returns what left the run. */
async function runLeaking(
  secrets: readonly string[],
  { printer, logFormat, text }: Leaking & { readonly text: string },
): Promise<{ readonly result: ProgramResult; readonly places: readonly Place[] }> {
  await using sandbox = await startSandbox({ services: [] });
  await using receiver = await aHttpServer();
  await using gitlab = await aGitLab('');
  using repository = aRepository();
  const request = gitlab.open({ branch: 'leaks' });
  const script = printer === 'app' ? 'cat printed.txt; cat printed.txt >&2' : 'true';
  const commit = repository.commit({
    'index.html': 'hello',
    'printed.txt': text,
    'app.json': JSON.stringify({ scripts: { dokku: { predeploy: script } } }),
  });
  if (printer === 'host') sandbox.faults.inject(/^apps:create/, { kind: 'answer', exit: 1, stderr: text });
  const names = secrets.map((_, index) => `MY_TOKEN_${index}`);
  const env = names.map((name, index) => `  KEY_${index}: $${name}`).join('\n');
  const notify = "  - {type: webhook, url: $HOOK, secret: $HOOK_KEY, environments: ['*']}";
  writeFileSync(join(repository.folder, '.dokku-deploy.yml'), `env:\n${env}\nnotify:\n${notify}\n`);
  const result = await runProgram({
    argv: ['review', 'start', '--log-format', logFormat, '--format', 'json'],
    cwd: repository.folder,
    env: {
      ...sandbox.env,
      ...Object.fromEntries(names.map((name, index) => [name, secrets[index]])),
      HOOK: `${receiver.url}/hook/a-path-that-is-secret`,
      HOOK_KEY: 'webhook-key-4be1',
      GITLAB_TOKEN: token,
      GITLAB_CI: 'true',
      CI_API_V4_URL: `${gitlab.url}/api/v4`,
      CI_COMMIT_REF_NAME: 'leaks',
      CI_COMMIT_SHA: commit,
      CI_ENVIRONMENT_NAME: 'review/leaks',
      CI_MERGE_REQUEST_IID: String(request.iid),
      CI_MERGE_REQUEST_PROJECT_ID: '42',
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'leaks',
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
    },
  });
  const files = readdirSync(repository.folder).filter((name) => /^(deploy\.json|.*\.env)$/.test(name));
  const places: readonly Place[] = [
    ['the log', result.stderr],
    ['the notification', receiver.received.map(({ headers, body }) => JSON.stringify(headers) + body).join()],
    ['the merge request note', request.notes.map(({ body }) => body).join()],
    ['the result', result.stdout],
    ...files.map((name): Place => [name, readFileSync(join(repository.folder, name), 'utf8')]),
  ];
  return { result, places };
}
