import { ciSystems } from '../src/drop-in/ci-systems.ts';
import { officialCommands } from '../src/drop-in/official-commands.ts';
import { hookVariables, officialHooks } from '../src/drop-in/official-hooks.ts';
import { officialPrograms } from '../src/drop-in/official-programs.ts';
import { listNames, type OfficialVariable, officialVariables } from '../src/drop-in/official-variables.ts';
import type { Treated } from '../src/drop-in/verdict.ts';
import { formatTable } from './format-table.ts';

/** Returns the tables about dokku/ci-docker-image, from those in the code. */
export function officialImageTables(): string {
  return `### Programs

${treatedTable('program', officialPrograms)}

### Values of COMMAND

${treatedTable('command', officialCommands)}

### Variables

${formatTable(
  ['variable', 'also as', 'here', 'description'],
  officialVariables.map((variable) => [
    code(variable.name),
    otherNames(variable).map(code).join(', '),
    variable.verdict,
    variable.about,
  ]),
)}

### CI systems

The branch, the commit and the project come from these variables, in this order, if \`CI_BRANCH_NAME\` and \`CI_COMMIT\` are not set. All
work as in the official image, with two exceptions that are safer: in a build of a pull request, the branch is its source branch,
so that no two pull requests share a review app; and the project names the owner of an app.

${formatTable(
  ['CI system', 'branch', 'source branch', 'commit', 'project', 'checkout, if the job starts elsewhere'],
  ciSystems.map(({ name, branch, sourceBranch, commit, project, folder }) => [
    name,
    code(branch),
    sourceBranch === undefined ? '' : code(sourceBranch),
    code(commit),
    project.map(code).join(' and '),
    folder === undefined ? '' : code(folder),
  ]),
)}

### Hooks

${treatedTable('file', officialHooks)}

### Variables of hooks

${treatedTable('variable', hookVariables)}

A hook also gets \`PATH\`, \`HOME\`, the locale, the variables above that are not about the key, and those of the CI systems.
\`DOKKU_DEPLOY_HOOK_VARIABLES\` names others, separated by commas. The documentation of the official image promises no secret to a
hook, so it gets none unless the list names it; the private key and its passphrase cannot be named.
`;
}

function treatedTable(kind: string, rows: readonly Treated[]): string {
  return formatTable(
    [kind, 'here', 'description'],
    rows.map(({ name, verdict, about }) => [code(name), verdict, about]),
  );
}

function code(text: string): string {
  return `\`${text}\``;
}

function otherNames(variable: OfficialVariable): string[] {
  return listNames(variable).filter((name) => name !== variable.name);
}
