import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { aRepository } from '../support/repository.ts';
import { runProgram } from '../support/world.ts';
import { type Effort, type Row, sample } from './table.ts';

/** How a secret may be written on its way into a log. Each name is a row's case. */
const forms: readonly (readonly [string, (secret: string) => string])[] = [
  ['as it is', (secret) => secret],
  ['upper case', (secret) => secret.toUpperCase()],
  ['base64', (secret) => base64(secret)],
  ['base64 of user:secret', (secret) => base64(`user:${secret}`)],
  ['base64 of ab:secret', (secret) => base64(`ab:${secret}`)],
  ['base64 of a header', (secret) => base64(`Authorization: x:${secret}\n`)],
  ['base64url', (secret) => Buffer.from(secret).toString('base64url')],
  ['hex', (secret) => Buffer.from(secret).toString('hex')],
  ['upper-case hex', (secret) => Buffer.from(secret).toString('hex').toUpperCase()],
  ['URL', (secret) => encodeURIComponent(secret)],
  [
    'URL in lower-case hex',
    (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
  ],
  ['form', (secret) => new URLSearchParams({ s: secret }).toString().slice(2)],
  ['JSON', (secret) => JSON.stringify(secret).slice(1, -1)],
  ['JSON in JSON', (secret) => JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
  ['in a URL', (secret) => `https://robot:${encodeURIComponent(secret)}@example.com/`],
];

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Characters that each form writes differently. */
const alphabets: readonly string[] = ['abcdefghijkmnpqrstuvwxyz23456789', 'aB3$&+/= "\'\\%?é'];

/**
 * Gives a job random secrets, lets the app's own script print them in every form, and searches what leaves the run (log,
 * JSON log, result, files, notification) for them. One row: secrets × forms that were seen.
 */
export async function tryLeaks(effort: Effort): Promise<Row[]> {
  const secrets = sample(alphabets, effort).flatMap((alphabet) =>
    Array.from({ length: Math.max(1, Math.round(4 * effort.share)) }, () => makeSecret(alphabet)),
  );
  const wrong: string[] = [];
  for (const logFormat of ['text', 'json']) wrong.push(...(await leaksOf(secrets, logFormat)));
  return [{ part: 'secrets x forms', what: 'leaked', tried: secrets.length * forms.length * 2, wrong }];
}

/** 24 characters: none of them at the end that Dokku could not keep. */
function makeSecret(alphabet: string): string {
  const characters = [...alphabet];
  const random = [...randomBytes(22)].map((byte) => characters[byte % characters.length]).join('');
  return `s${random}x`;
}

async function leaksOf(secrets: readonly string[], logFormat: string): Promise<string[]> {
  await using sandbox = await startSandbox({ services: [] });
  await using receiver = await startReceiver();
  using repository = aRepository();
  const printed = secrets.flatMap((secret) => forms.map(([, write]) => write(secret)));
  const commit = repository.commit({
    'index.html': 'hello',
    'printed.txt': `${printed.join('\n')}\n`,
    'app.json': JSON.stringify({ scripts: { dokku: { predeploy: 'cat printed.txt; cat printed.txt >&2' } } }),
  });
  const names = secrets.map((_, index) => `MY_TOKEN_${index}`);
  const env = names.map((name, index) => `  KEY_${index}: $${name}`).join('\n');
  writeFileSync(
    join(repository.folder, '.dokku-deploy.yml'),
    `env:\n${env}\nnotify:\n  - type: webhook\n    url: $HOOK\n    secret: $HOOK_KEY\n    environments: ['*']\n`,
  );
  const result = await runProgram({
    argv: ['review', 'start', '--log-format', logFormat, '--format', 'json'],
    cwd: repository.folder,
    env: {
      ...sandbox.env,
      ...Object.fromEntries(names.map((name, index) => [name, secrets[index]])),
      HOOK: receiver.url,
      HOOK_KEY: 'webhook-key-4be1',
      GITLAB_CI: 'true',
      CI_COMMIT_REF_NAME: 'leaks',
      CI_COMMIT_SHA: commit,
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
    },
  });
  const files = readdirSync(repository.folder).filter(
    (name) => /\.(env|json)$/.test(name) && name !== 'app.json',
  );
  const places: readonly (readonly [string, string])[] = [
    ['the log', result.stderr],
    ['the result', result.stdout],
    ['the notification', receiver.received()],
    ...files.map((name) => [name, readFileSync(join(repository.folder, name), 'utf8')] as const),
  ];
  if (result.exit !== 0) return [`the run exits ${result.exit}: ${result.stderr.slice(-300)}`];
  return secrets.flatMap((secret, index) =>
    forms.flatMap(([form, write]) =>
      places
        .filter(([, text]) => text.includes(write(secret)))
        .map(([place]) => `secret ${index} (${JSON.stringify(secret)}), ${form}: in ${place} (${logFormat})`),
    ),
  );
}

/** A receiver of notifications that keeps what it gets. */
async function startReceiver(): Promise<
  AsyncDisposable & { readonly url: string; readonly received: () => string }
> {
  let text = '';
  const server = createServer((request, response) => {
    text += JSON.stringify(request.headers);
    request.on('data', (chunk) => {
      text += String(chunk);
    });
    request.on('end', () => response.end('ok'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook/a-path-that-is-secret`,
    received: () => text,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
