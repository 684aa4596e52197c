import type { z } from 'zod';
import type { Answer, Command, Value } from '../dokku/command.ts';

/**
 * One key of the declared environment (`domains`, `scale` …): what it means, how an app is asked about it, and what has to
 * change. Everything here is pure; `plan` orders the changes, and `apply` makes them and looks again.
 *
 * `Entry` is what the file has, `Declared` what it means once its variables are filled in: plain data for JSON, with secrets
 * by name. `Current` is what an app has.
 */
export interface Setting<Entry = unknown, Declared = unknown, Current = unknown> {
  /** The key in .dokku-deploy.yml, also its id in steps and in the app's mark: `[a-z_]+`. */
  readonly key: string;
  /** Its schema, with a description. It is a key of the top level, of `review` and of `environments.<name>`. */
  readonly schema: z.ZodType<Entry>;
  /**
   * Merges the entry of the top level with a narrower one. Without it, maps are merged key by key, and everything else is
   * replaced.
   */
  merge?(wide: Entry, narrow: Entry): Entry;
  /** Returns what an entry means. Adds every problem to the resolver. Undefined if the entry declares nothing. */
  resolve(entry: Entry, resolver: SettingResolver): Declared | undefined;
  /**
   * Names the parts of a declaration, for a setting of which an app may have other parts from someone else (a Docker option, a
   * mount, a property). The app's mark records them, and only a recorded part is taken away (`Known.wasDeclared`). Without it, the
   * setting is one whole, which the declaration replaces.
   */
  parts?(declared: Declared): readonly string[];
  /** The plugin that the host must have, unless `declared` needs none. */
  plugin?(declared: Declared): RequiredPlugin | undefined;
  /** The cheapest commands that show what an app has. `declared` is undefined if the default is to come back. */
  questions(app: string, declared: Declared | undefined): readonly Command[];
  /** Reads their answers, in the same order. Throws `host-refused` (`refusedError`) for one that establishes nothing. */
  read(answers: readonly Answer[], app: string): Current;
  /**
   * Returns the entry that declares what an app has, for `dokku-deploy import`: a secret is a `$VARIABLE` in it. Undefined if the
   * app has Dokku's default.
   */
  declare(current: Current): Entry | undefined;
  /** What an app has that `apps:create` has just made, as far as it matters for `changes`. */
  fresh(app: string): Current;
  /**
   * Returns what has to change, in order; `declared` undefined means back to Dokku's default. Empty if it is already so,
   * compared as Dokku does (case, order, units, duplicates).
   */
  changes(app: string, current: Current, declared: Declared | undefined, known: Known): readonly Change[];
  /**
   * What must be known of the host before these changes are made, beyond the app itself. Its commands are only sent if there
   * are changes.
   */
  guard?(app: string, declared: Declared | undefined): Guard | undefined;
}

/** What is known of an app besides what it has. */
export interface Known {
  /**
   * Whether the declaration was applied before exactly as it is: what cannot be read back (a password) then counts as
   * unchanged. Always true when the result of a write is verified.
   */
  readonly isRecorded: boolean;
  /** Whether the app was deployed before: its processes serve while the changes are made. */
  readonly isDeployed: boolean;
  /** Whether an earlier run has declared this part of the setting: if it no longer is, it goes back to Dokku's default. */
  wasDeclared(part: string): boolean;
  /** Whether another setting is declared for the app. */
  isDeclared(key: string): boolean;
}

/** A plugin that isn't part of Dokku. */
export interface RequiredPlugin {
  readonly name: string;
  /** The URL of `dokku plugin:install`. */
  readonly url: string;
  /** A setting that is left out, with a warning, on a host without the plugin. For review apps only. */
  readonly isOptional: boolean;
}

/** One difference between what an app has and what is declared, and how to make it go away. */
export interface Change {
  /** Unique among the changes of the setting, and made of `[a-z0-9.-]`. Begins with the setting's key: `scale`, `scale-down`. */
  readonly id: string;
  /** As in the log: `Set the domains of shop`. */
  readonly title: string;
  /** For people; secrets by name. `none` for nothing, `default` for Dokku's default. */
  readonly before: string;
  readonly after: string;
  /** One after the other. */
  readonly commands: readonly Command[];
  /**
   * `before-deploy`: what the deploy needs (configuration, mounts, options). `after-deploy`: what must find the app serving
   * (domains, certificates, nginx). `last`: what takes something away (fewer processes).
   */
  readonly phase: 'before-deploy' | 'after-deploy' | 'last';
  /** `next-deploy`: it counts from the next deploy, so a deploy is not skipped although the commit is the same. */
  readonly effect: 'at-once' | 'next-deploy';
  /** For one that counts from the next deploy: what makes it count after the deploy of a commit that runs already, if nothing else needs a build. */
  readonly withoutBuild?: readonly Command[];
  /** Sent at once if nginx refuses a command: its configuration is one for all apps of the host (facts-2, F29). */
  readonly undo?: readonly Command[];
  /** Whether Dokku forgets the app's port mappings (and, with the proxy, its domains) on the way: they are written again then. */
  readonly resetsPorts?: true;
  /** Whether the app's URLs may be others afterwards. */
  readonly changesUrls?: true;
  /**
   * The status that a request to the app's URL must get afterwards, without credentials. For what a plugin reports as done
   * and leaves undone (facts-2, F42). It is only asked of an app that was deployed and that this job can reach.
   */
  readonly answersWith?: number;
  /** Why it is safe to repeat. */
  readonly repeat: string;
  /** Whether it only writes again what another change makes Dokku forget. */
  readonly isAgain?: true;
}

/** A look at the rest of the host, for example at the domains of the other apps. */
export interface Guard {
  readonly commands: readonly Command[];
  /** Throws a DeployError if the changes must not be made. */
  check(answers: readonly Answer[]): void;
}

/** What an entry is resolved with. Each `at` is a path below the setting's key (`certificate`, `0`), or '' for the key itself. */
export interface SettingResolver {
  readonly app: string;
  readonly target: 'review' | 'environment';
  /** The types of the Procfile that is shipped; undefined if there is none, or if it is not known (an image). */
  readonly processes: readonly string[] | undefined;
  /** The domains that are declared for the app, in order; empty if there are none. */
  readonly domains: readonly string[];
  /** When the run began, in milliseconds since 1970. */
  readonly now: number;
  /** Whether `formation` of app.json sets the numbers of processes, so that Dokku refuses `ps:scale`. */
  readonly hasFormation: boolean;
  /** Whether a value of a review app is that branch's own: it names the app, the branch or the merge request. */
  isOfBranch(raw: string, value: string): boolean;
  /** Returns a text with its variables filled in. Adds a problem for each one that is missing. */
  text(raw: string | number | boolean, at: string): string;
  /** The same for a secret: puts it into the vault and returns its name there. */
  secret(raw: string | number | boolean, at: string): Value & { readonly secret: string };
  /** Puts a text that was made of a secret into the vault, and returns its name there. */
  hide(text: string, at: string): Value & { readonly secret: string };
  /**
   * Returns a text with its variables filled in, or the content of the file that it names (a file-type variable). Undefined if a
   * variable is missing, which is a problem already.
   */
  content(raw: string, at: string): string | undefined;
  /** Whether another setting is declared for the app, too, and not as `none`. */
  declares(key: string): boolean;
  /** Returns the text of a value, for checks. */
  reveal(value: Value): string;
  /** Reports something that is wrong with the entry: a message that follows its place, and what to do. */
  problem(at: string, message: string, remedy: string): void;
  /** Reports something that does not stop the run. */
  warn(at: string, message: string): void;
}

/** A setting that the file declares for an app, resolved. */
export interface DeclaredSetting {
  readonly key: string;
  /** Plain data, with secrets by name. */
  readonly declared: unknown;
  /** Stands for the declaration, with its secrets, and for the app. */
  readonly digest: string;
  /** Stands for its parts, in the same way. */
  readonly parts: readonly string[];
}
