import type { HostAddress } from '../access/access-types.ts';
import type { Context } from '../context/context.ts';
import type { Command } from '../dokku/command.ts';
import { syncApp } from '../dokku/git-sync.ts';
import { fromImage, loadImage } from '../dokku/images.ts';
import {
  formatShellCommand,
  quoteForShell,
  type ShellTarget,
  shellFunctions,
} from '../dokku/shell-command.ts';
import { isGeneratedSecret } from './declared-env.ts';
import type { Plan, ShipStep, Step } from './plan.ts';
import { nameShellVariables } from './shell-variables.ts';
import { formatStepCommand } from './text.ts';

/** What a plan was made from. `address` is undefined if no host was asked. */
export type ExplainedContext = Pick<Context, 'vault' | 'source'> & {
  readonly address: HostAddress | undefined;
};

/**
 * Formats a plan as commands for a POSIX shell, in the order of the steps: pasted one after the other, they do what the plan does.
 * Secrets are shell variables, which the script checks first. What has no command of its own is a comment.
 */
export function explainPlan(plan: Plan, context: ExplainedContext): string {
  const { address, vault } = context;
  const names = nameShellVariables([...vault.keys()].filter((secret) => !secret.startsWith('$')));
  const used = new Set<string>();
  const target: ShellTarget = {
    login: formatLogin(address),
    vault,
    variableOf: (secret) => {
      used.add(secret);
      return names.get(secret) ?? secret;
    },
  };
  const functions = new Set<keyof typeof shellFunctions>();
  const format = (command: Command): string => {
    const formatted = formatShellCommand(command, target);
    for (const name of formatted.functions) functions.add(name);
    return formatted.line;
  };
  const steps = plan.steps.map((step, index) => [
    `# ${index + 1}. ${toComment(step.title)}`,
    ...explainStep(step, context, format),
  ]);
  const head = toComment(
    `# Plan of ${plan.command} for the app ${plan.app}, to be pasted into a shell as a whole.`,
  );
  const checks = [
    // A shell of its own: it ends at the first failure, or if a secret is missing.
    '(set -eu',
    ...(address ? [] : [`: "\${DOKKU_HOST:?set it to the address of the Dokku host}"`]),
    ...[...used].map((secret) => checkVariable(secret, names.get(secret) ?? secret)),
    ...[...functions].map((name) => shellFunctions[name]),
  ];
  const notes = [...(plan.warnings ?? []), ...plan.notes].map((note) => `# ${toComment(note)}`);
  return `${[[head, ...notes, ...checks], ...steps, [')']].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function toComment(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function formatLogin(address: HostAddress | undefined): string {
  if (!address) return 'dokku@"$DOKKU_HOST" --';
  const { user, host, port } = address;
  return `${port === 22 ? '' : `-p ${port} `}${quoteForShell(`${user}@${host}`)} --`;
}

/** Without a secret, an empty one would be written to the app. */
function checkVariable(secret: string, variable: string): string {
  return isGeneratedSecret(secret)
    ? `: "\${${variable}:=$(openssl rand -hex 32)}"`
    : `: "\${${variable}:?set it to the value of ${describeSecret(secret)}}"`;
}

function describeSecret(secret: string): string {
  return secret.replace(/^config\./, 'env.').replace(/[^\w.-]/g, '');
}

function explainStep(step: Step, context: ExplainedContext, format: (command: Command) => string): string[] {
  switch (step.kind) {
    case 'command':
      return [`${format(step.command)}${step.silent ? hidden : ''}`];
    case 'configure':
    case 'mark-settings':
    case 'remove-app':
      return [format(step.command)];
    case 'setting':
      return [
        `# ${toComment(`${step.before} → ${step.after}`)}`,
        ...step.commands.flatMap((command) => [...describeFiles(command), format(command)]),
      ];
    case 'create-service':
      // Its output has the password.
      return [`${format(step.command)}${hidden}`];
    case 'ship':
      return explainShipment(step, context, format);
    case 'confirm':
    case 'sweep':
      return [
        '# dokku-deploy looks again here, in case another job has changed the app: nothing to do by hand.',
      ];
    case 'record':
      return ['# dokku-deploy records the commit in the configuration of the app: nothing to do by hand.'];
    default:
      return [`# ${toComment(formatStepCommand(step))}`];
  }
}

/** Names the files of an archive: they must exist under these names where the script is pasted. */
function describeFiles({ archive }: Command): string[] {
  if (!archive) return [];
  const files = Object.entries(archive).map(([name, content]) =>
    typeof content === 'string' ? name : `${name} (${describeSecret(content.secret)})`,
  );
  return [`# With these files in the working folder: ${files.join(', ')}`];
}

const hidden = ' >/dev/null';

function explainShipment(
  { app, branch, commit = 'HEAD', shipment }: ShipStep,
  { source, address }: ExplainedContext,
  format: (command: Command) => string,
): string[] {
  const remote = formatRemote(address, app);
  // The host names the branch.
  const ref = quoteForShell(`refs/heads/${branch}`);
  switch (shipment.kind) {
    case 'commit':
      return source.history === 'full'
        ? [`git push --force ${remote} ${commit}:${ref}`]
        : [...listDifferences(source), `git push --force ${remote} ${snapshotOf(commit, source)}:${ref}`];
    case 'image':
      return [format(fromImage(app, shipment.image))];
    case 'image-archive':
      return [
        toComment(
          `# Load an archive with an image of the name ${shipment.image}: dokku-deploy renames the one in ${shipment.path}.`,
        ),
        `# ${format(loadImage(app, shipment.image)).replace('ssh -n', 'ssh')} < archive.tar`,
      ];
    case 'sync':
      return [format(syncApp(app, shipment.folder, shipment.revision))];
    case 'transfer':
      return [
        `# Fetch the commit ${shipment.revision} from the app ${shipment.from} on its host first.`,
        `git push --force ${remote} ${shipment.revision}:${ref}`,
      ];
  }
}

function formatRemote(address: HostAddress | undefined, app: string): string {
  if (!address) return `dokku@"$DOKKU_HOST":${app}`;
  const { user, host, port } = address;
  const name = host.includes(':') ? `[${host}]` : host;
  return quoteForShell(`ssh://${user}@${name}:${port}/${app}`);
}

/** A commit without parents, as dokku-deploy sends it: git refuses to push the history of a shallow clone. */
function snapshotOf(commit: string, { root }: Context['source']): string {
  const tree = root === undefined ? `${commit}^{tree}` : `${commit}:${root}`;
  return `"$(git commit-tree ${quoteForShell(tree)} -m ${quoteForShell(`Source-Commit: ${commit}`)})"`;
}

function listDifferences({ dir, include, exclude = [], extra }: Context['source']): string[] {
  const added = [...Object.keys(extra), ...include];
  return [
    ...(dir === undefined ? [] : [`# dokku-deploy sends the folder ${dir} as it is in the job instead.`]),
    ...(added.length === 0 ? [] : [`# dokku-deploy also sends, added or changed: ${added.join(', ')}.`]),
    ...(exclude.length === 0 ? [] : [`# dokku-deploy leaves out: ${exclude.join(', ')}.`]),
  ].map(toComment);
}
