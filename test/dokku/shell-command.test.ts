// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what a shell would expand
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { buildSshLine, type Command, commandInput } from '../../src/dokku/command.ts';
import { formatShellCommand, quoteForShell, shellFunctions } from '../../src/dokku/shell-command.ts';
import { Secret, type Vault } from '../../src/secret.ts';

const values = [
  'plain',
  "it's",
  `"double" 'single' \\ back\\\\slash \\' \\"`,
  '$HOME ${HOME} $(id) `id` !! ~ * ? [a] {b,c} # ; & | < > ( )',
  'tab\tinside, cr\rinside',
  ' spaces at both ends ',
  'é ü 日本語 🎉',
  '%s %d %% \\n \\0 \\x41',
  '-n',
  '--help=x',
  'MARKER0OF3',
];

const secret = { secret: 'a.secret' };
const open = { secret: 'public' };

const commands: readonly [string, Command][] = [
  ['a word', { words: ['config:set', 'shop', secret, 'plain', "it's"] }],
  ['pairs', { words: ['mysql:create', 'db', '--custom-env', { pairs: { A: secret, B: open, C: secret } }] }],
  ['base64', { words: ['config:set', '--encoded', 'shop', { pairs: { A: secret }, base64: true }] }],
  ['JSON', { words: ['config:import', '-'], quiet: true, stdin: { A: secret, B: open, C: 'c"\\$x\n' } }],
  ['a line', { words: ['registry:login', 'shop', 'a b'], input: secret }],
];

const vaultOf = (value: string): Vault =>
  new Map([
    ['other', new Secret('other', 'not used')],
    ['a.secret', new Secret('a.secret', value)],
    ['public', new Secret('public', 'it\'s "public" $HOME', { isPublic: true })],
  ]);

/** What a shell runs: the words after `--` of each ssh, and what it reads. */
const pasted = (lines: readonly string[], value: string): string[] => {
  const ssh =
    'ssh() { n=; [ "$1" != -n ] || n=1; while [ "$1" != -- ]; do shift; done; shift; printf "%s\\0" "$*"; [ -n "$n" ] || cat; printf "\\0"; }';
  const script = [ssh, ...Object.values(shellFunctions), ...lines].join('\n');
  const env = { PATH: process.env.PATH, A_SECRET: value };
  return execFileSync('sh', ['-eu'], { input: script, encoding: 'utf8', env }).split('\0').slice(0, -1);
};

const format = (command: Command, vault: Vault): string =>
  formatShellCommand(command, {
    login: '-p 2222 dokku@host --',
    vault,
    variableOf: (name) => name.toUpperCase().replaceAll('.', '_'),
  }).line;

describe('a command that is pasted into a shell', () => {
  test.each(values)('arrives as it would be sent, with the secret %j', (value) => {
    const vault = vaultOf(value);
    // A word of this kind never arrives, pasted or sent.
    const sent = commands.filter(([name]) => !(name === 'a word' && value === '-n'));
    const lines = sent.map(([, command]) => format(command, vault));
    const expected = sent.flatMap(([, command]) => [
      buildSshLine(command, vault),
      String(commandInput(command, vault) ?? ''),
    ]);
    const arrived = pasted(lines, value);
    expect(arrived.map(normalize)).toEqual(expected.map(normalize));
  });

  test('does not contain the secret, and shows public values', () => {
    const lines = commands.map(([, command]) => format(command, vaultOf('s3cret-value'))).join('\n');
    expect(lines).not.toContain('s3cret-value');
    expect(lines).not.toContain(Buffer.from('s3cret-value').toString('base64'));
    expect(lines).toContain('public');
  });

  test('reads nothing of what is pasted after it', () => {
    expect(format({ words: ['apps:create', 'shop'] }, new Map())).toBe(
      "ssh -n -p 2222 dokku@host -- 'apps:create shop'",
    );
  });

  test('that reads an archive is given the files that are in it', () => {
    const archive = { 'server.crt': secret, 'server.key': secret };
    expect(format({ words: ['certs:add', 'shop'], archive }, vaultOf('x'))).toBe(
      "tar -cf - server.crt server.key | ssh -p 2222 dokku@host -- 'certs:add shop'",
    );
  });
});

/** A line that is sent is only quoted where it must be; a secret in a pasted one always. JSON may escape differently. */
function normalize(text: string): string {
  if (text.startsWith('{')) return JSON.stringify(JSON.parse(text));
  return text.replace(/(^| )'([A-Za-z0-9_@%+=:,./-]+)'(?= |$)/g, '$1$2');
}

test.each([
  ['plain', 'plain'],
  ['', "''"],
  ["it's", `'it'\\''s'`],
  ['a b', "'a b'"],
])('%j is quoted as %s', (text, quoted) => {
  expect(quoteForShell(text)).toBe(quoted);
});
