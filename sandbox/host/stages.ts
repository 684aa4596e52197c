/** A point that a command reaches on its way. What it did before stays done if it stops there. */
export type Stage =
  // apps:create
  | 'folder'
  | 'proxy'
  // apps:destroy, in Dokku's order: its own steps, then the `post-delete` hooks of the plugins by name
  | 'unlink'
  | 'stop'
  | 'settings'
  | 'config'
  | 'data'
  | 'cleanup'
  | 'remove-folder'
  // the ENV file of an app: truncated, not yet written
  | 'env-file'
  // services
  | 'service-folder'
  | 'container'
  | 'start'
  | 'ready'
  | 'stop-container'
  | 'remove-container'
  | 'remove-data'
  | 'links'
  | 'link-config'
  // deploys
  | 'revision'
  | 'build'
  | 'release'
  | 'check'
  | 'switch'
  | 'postdeploy'
  // any other command that stores something
  | 'store';

/** Reports that a command has come to a stage. Throws StoppedCommand if a fault strikes there. */
export type Reach = (stage: Stage) => void;

/** Thrown at a stage where an injected fault ends the command. */
export class StoppedCommand extends Error {
  override readonly name = 'StoppedCommand';
  readonly exit: number;
  /** What the command prints on standard error, with its newline. */
  readonly stderr: string;

  constructor(exit: number, stderr: string) {
    super(`stopped with exit code ${exit}`);
    this.exit = exit;
    this.stderr = stderr;
  }
}

const service = '(mysql|mariadb|postgres|redis|mongo)';

/** The stages of the commands, in order. The first entry that matches applies. */
const stagesByCommand: readonly (readonly [command: RegExp, stages: readonly Stage[]])[] = [
  [/^apps:create\b/, ['folder', 'proxy']],
  [/^apps:destroy\b/, ['unlink', 'stop', 'settings', 'config', 'data', 'cleanup', 'remove-folder']],
  [/^config:(set|unset|import)\b/, ['env-file']],
  [new RegExp(`^${service}:create\\b`), ['service-folder', 'container', 'start', 'ready']],
  [new RegExp(`^${service}:destroy\\b`), ['stop-container', 'remove-container', 'remove-data']],
  [new RegExp(`^${service}:(link|unlink)\\b`), ['links', 'link-config', 'env-file']],
  [
    /^(git-receive-pack|git receive-pack|git:from-archive|git:from-image|git:load-image|git:sync|ps:rebuild)\b/,
    ['revision', 'build', 'release', 'check', 'switch', 'postdeploy'],
  ],
  [/^[\w-]+:(set|add|remove|clear|mount|unmount|limit|reserve|scale)\b/, ['store']],
];

/** Returns the stages that a command line goes through, in order; none for a command that only reads. */
export function stagesOf(line: string): readonly Stage[] {
  const command = line.trim().replace(/^(--\S+\s+)+/, '');
  return stagesByCommand.find(([pattern]) => pattern.test(command))?.[1] ?? [];
}
