import { commands } from '../src/cli/commands.ts';
import { configurationJsonSchema } from '../src/context/schema.ts';
import { variables } from '../src/environment/variables.ts';
import { errorCatalogue, exitCodes } from '../src/errors.ts';

/** The generated pages by their path in the repository. */
export async function generateDocs(): Promise<Record<string, string>> {
  return {
    'docs/variables.md': variablesPage(),
    'docs/errors.md': errorsPage(),
    'docs/configuration.md': configurationPage(),
    'docs/commands.md': commandsPage(),
  };
}

const generated = '<!-- Made by `npm run docs` from the code’s own tables. Do not edit. -->\n';

function variablesPage(): string {
  const rows = (by: 'user' | 'gitlab') =>
    variables
      .filter((variable) => variable.by === by)
      .map((variable) => [
        `\`${variable.name}\`${'older' in variable ? ` (older: ${variable.older.map((name) => `\`${name}\``).join(', ')})` : ''}`,
        'secret' in variable ? 'yes' : '',
        variable.about,
      ]);
  return `# Variables

${generated}
## Those that you set

In GitLab under Settings > CI/CD > Variables. Empty ones count as not set.

${formatTable(['variable', 'secret', 'what it is'], rows('user'))}

## Those that GitLab sets

${formatTable(['variable', 'secret', 'what it is for'], rows('gitlab'))}
`;
}

function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.join(' | ').replaceAll('\n', ' ')} |`)
    .join('\n');
}

function errorsPage(): string {
  return `# Errors and exit codes

${generated}
${formatTable(
  ['exit code', 'what it means'],
  Object.entries(exitCodes).map(([code, about]) => [code, about]),
)}

An expected failure is told in this order: what failed, the words of the host (or of git, or of a file's parser), what to do
next. It shows no stack. A stack is a bug: please report it.

${formatTable(
  ['code', 'exit', 'when'],
  Object.entries(errorCatalogue).map(([code, { exit, about }]) => [`\`${code}\``, String(exit), about]),
)}
`;
}

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

function configurationPage(): string {
  return `# .dokku-deploy.yml

${generated}
The file is optional, and so is every key. \`dokku-deploy schema\` prints its JSON Schema for editors. A block of
\`environments\` (or \`review\`) wins over the top. Where the host is named twice, the environment's block wins, then
\`DOKKU_HOST\`, then \`host\`.

    services: [mysql]
    env:
      RAILS_ENV: production
      MYSQL_DATABASE_SCHEME: mysql2
    environments:
      staging: {app: shop-staging}
      production: {app: shop, host: prod.example.com}

${formatTable(['key', 'what it is'], configurationRows(configurationJsonSchema() as Schema, ''))}

## Names

A review app is called like \`$CI_COMMIT_REF_SLUG\`, or as \`review.name\` says. A name that is longer than 40 characters, or that
had to be changed otherwise, is cut and gets a hash of the whole branch and project. The only database of an app is called
\`<app>-database\`, another service \`<app>-<type>\`. \`review stop\` finds the app by the same rule; where it has no checkout
(\`GIT_STRATEGY: none\`) it has no file either, so with \`review.name\` give both jobs \`--app\` or \`DOKKU_APP\`, and set \`DOKKU_HOST\`
rather than \`host\`. Only the file tells anybody of a review app's end (\`notify\` with \`environments: [review/*]\`): its job needs
\`GIT_STRATEGY: fetch\` then, and a branch that is still there.

## Values

Dokku cannot keep every value: one that ends with a backslash or a double quote makes the app's whole configuration unreadable,
and digits with leading zeros or a plus sign are rewritten (\`007\` becomes \`7\`). Such a value is refused before anything is
changed. Store it encoded, and decode it in the app.
`;
}

function configurationRows(schema: Schema, path: string): string[][] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const values = inner.enum ? ` (${inner.enum.join(', ')})` : '';
    return [[`\`${at}\``, `${inner.description ?? ''}${values}`], ...configurationRows(inner, at)];
  });
  const named =
    typeof schema.additionalProperties === 'object'
      ? configurationRows(schema.additionalProperties, `${path}.<name>`)
      : [];
  const listed = schema.items
    ? [schema.items, ...(schema.items.anyOf ?? [])].flatMap((one) => configurationRows(one, `${path}[]`))
    : [];
  return [...own, ...named, ...listed];
}

function commandsPage(): string {
  return `# Commands

${generated}
${commands
  .map(
    ({ words, usage, summary, flags }) => `## dokku-deploy ${words.join(' ')}${usage ? ` ${usage}` : ''}

${summary[0]?.toUpperCase()}${summary.slice(1)}.

${
  flags.length === 0
    ? ''
    : formatTable(
        ['flag', 'what it does'],
        flags.map(({ name, value, choices, about }) => [
          `\`--${name}${value ? ` <${choices?.join(', ') ?? value}>` : ''}\``,
          about,
        ]),
      )
}`,
  )
  .join('\n')}
`;
}
