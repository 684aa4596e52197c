import type { Answers } from './answers.ts';
import type { ProjectFacts } from './detect.ts';

/** A deploy key that was made. */
export interface MadeKey {
  /** One line, with its comment. */
  readonly publicKey: string;
  /** Where the private half is; undefined if it was printed. */
  readonly file: string | undefined;
}

/** What the user still has to do. */
export interface InstructionsInput {
  readonly facts: ProjectFacts;
  readonly answers: Answers;
  /** Undefined if no key was made. */
  readonly key: MadeKey | undefined;
  /** The name of the key on the host. */
  readonly keyName: string;
}

/** Formats what is left to do by hand, in order: the key, the variables of the project. */
export function formatInstructions({ facts, answers, key, keyName }: InstructionsInput): string {
  const host = answers.host === '' ? 'dokku.example.com' : answers.host;
  const [, name = host, port] = /^(?:ssh:\/\/)?(?:[^@]*@)?(.+?)(?::(\d+))?$/.exec(host) ?? [];
  const scan = `ssh-keyscan ${port === undefined || port === '22' ? '' : `-p ${port} `}${name}`;
  return `${[
    ...describeKey(key, { name, keyName }),
    '',
    'Variables to set in GitLab, under Settings > CI/CD > Variables. Uncheck "Protect variable": review apps run on unprotected branches.',
    ...formatVariables([
      ['DOKKU_HOST', answers.host === '' ? 'the address of the Dokku host' : answers.host],
      ['SSH_PRIVATE_KEY', describePrivateHalf(key)],
      ['SSH_KNOWN_HOSTS', `the output of: ${scan}   (compare it with the key on the host)`],
      ...facts.variables.map((variable): [string, string] => [
        variable,
        'used in .dokku-deploy.yml; mask it',
      ]),
    ]),
    '',
    'Then: dokku-deploy validate, commit the files, and push a branch.',
  ].join('\n')}\n`;
}

function describeKey(
  key: MadeKey | undefined,
  { name, keyName }: { readonly name: string; readonly keyName: string },
): string[] {
  const add = (input: string) => `  ${input}ssh root@${name} dokku ssh-keys:add ${keyName}`;
  return key
    ? ['Add the public half of the key to the host:', add(`echo '${key.publicKey}' | `)]
    : [
        'Make a deploy key and add it to the host:',
        `  ssh-keygen -t ed25519 -N '' -C ${keyName} -f deploy_key`,
        `${add('')} < deploy_key.pub`,
      ];
}

function describePrivateHalf(key: MadeKey | undefined): string {
  if (!key) return 'the contents of deploy_key; then delete the file';
  return key.file === undefined
    ? 'the private half above, which is stored nowhere else'
    : `the contents of ${key.file}; then delete the file`;
}

function formatVariables(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`);
}
