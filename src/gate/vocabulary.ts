/** What a command does to an app. `fetch`: it reads the app’s code. `run`: it runs, lists or stops scripts in containers of the app. */
export type Effect = 'list' | 'read' | 'write' | 'create' | 'remove' | 'fetch' | 'run';

/** What a command reads from its standard input: nothing, a configuration or a password, or the files of an app. */
export type Input = 'none' | 'small' | 'large';

/** A command that passes the gate. */
export interface Rule {
  /**
   * Its words. Capitals stand for a value: APP, SERVICE, PLUGIN …; `[…]` may be left out; `…` repeats the word before it. Each value has
   * its own form (`values.ts`), and none may begin with a dash.
   */
  readonly words: string;
  readonly effect: Effect;
  readonly input?: Input;
  /** It builds, so that it may run for a long time. */
  readonly isLong?: true;
}

/**
 * Everything that dokku-deploy sends, and nothing else. A command that is not in this list never reaches the host: before you add one,
 * consider what a hostile job can do with it. `test/gate/vocabulary.test.ts` compares it with `src/dokku`.
 */
export const vocabulary: readonly Rule[] = [
  { words: '--quiet apps:list', effect: 'list' },
  { words: 'apps:create APP', effect: 'create' },
  { words: 'apps:destroy APP --force', effect: 'remove' },
  { words: 'apps:exists APP', effect: 'read' },
  { words: 'apps:locked APP', effect: 'read' },
  { words: 'apps:unlock APP', effect: 'write' },
  { words: 'apps:report APP', effect: 'read' },
  { words: 'apps:report APP --app-created-at', effect: 'read' },
  { words: 'builds:cancel APP', effect: 'write' },
  { words: 'builds:list APP --format json', effect: 'read' },
  { words: 'builds:list APP --status running --format json', effect: 'read' },
  { words: 'certs:report APP --ssl-enabled', effect: 'read' },
  { words: 'config:export --format json APP', effect: 'read' },
  { words: '--quiet config:import --format json --no-restart APP -', effect: 'write', input: 'small' },
  { words: '--quiet config:set --no-restart --encoded APP PAIR…', effect: 'write' },
  { words: 'config:unset --no-restart APP KEY…', effect: 'write' },
  { words: 'docker-options:report APP --format json', effect: 'read' },
  { words: 'domains:report --global', effect: 'read' },
  { words: 'domains:report APP --domains-app-vhosts', effect: 'read' },
  { words: 'domains:report APP --format json', effect: 'read' },
  { words: 'enter APP web printenv GIT_REV', effect: 'read' },
  { words: 'git-receive-pack APP', effect: 'create', input: 'large', isLong: true },
  { words: 'git-upload-pack APP', effect: 'fetch', input: 'large', isLong: true },
  { words: 'git:from-image APP IMAGE', effect: 'write', isLong: true },
  { words: 'git:load-image APP IMAGE', effect: 'write', input: 'large', isLong: true },
  { words: 'git:report APP', effect: 'read' },
  { words: 'git:sync --build APP FOLDER REVISION', effect: 'write', isLong: true },
  { words: 'logs APP --num 30 --quiet', effect: 'read' },
  { words: 'logs:failed APP', effect: 'read' },
  { words: 'maintenance:report APP --maintenance-enabled', effect: 'read' },
  { words: 'ports:list APP', effect: 'read' },
  { words: 'ps:rebuild APP', effect: 'write', isLong: true },
  { words: 'ps:report APP --deployed', effect: 'read' },
  { words: 'ps:report APP --running', effect: 'read' },
  { words: 'ps:scale APP', effect: 'read' },
  { words: 'registry:login --password-stdin APP SERVER USER', effect: 'write', input: 'small' },
  { words: 'run --ttl-seconds SECONDS APP /bin/sh -c SCRIPT', effect: 'run', isLong: true },
  { words: 'run:list APP --format json', effect: 'run' },
  { words: 'run:stop --container CONTAINER', effect: 'run' },
  { words: 'storage:list APP --format json', effect: 'read' },
  { words: 'urls APP', effect: 'read' },
  { words: 'PLUGIN:app-links APP', effect: 'read' },
  {
    words:
      'PLUGIN:create SERVICE [--image IMAGE] [--image-version VERSION] [--custom-env PAIRS] [--memory SIZE] [--shm-size SIZE] [--password PASSWORD] [--root-password PASSWORD]',
    effect: 'write',
  },
  { words: 'PLUGIN:destroy SERVICE --force', effect: 'remove' },
  { words: 'PLUGIN:exists SERVICE', effect: 'read' },
  { words: 'PLUGIN:info SERVICE', effect: 'read' },
  { words: 'PLUGIN:link SERVICE APP [--alias ALIAS] --no-restart', effect: 'write' },
  { words: 'PLUGIN:start SERVICE', effect: 'write' },
  { words: 'PLUGIN:stop SERVICE', effect: 'write' },
  { words: 'PLUGIN:unlink SERVICE APP --no-restart', effect: 'write' },
];
