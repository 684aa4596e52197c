import type { Source } from '../context/context.ts';
import type { Answer } from '../dokku/command.ts';
import type { DeployError } from '../errors.ts';
import type { DeployRecord, RunningVersion } from '../plan/deploy-record.ts';
import type { ChildEnv } from '../source/process.ts';
import type { OnLine } from '../ssh/lines.ts';
import type { HostAccess } from './ask.ts';

/** The outcome of the deploy step. */
export interface DeployResult {
  readonly urls: readonly string[];
  /** False when the host already had the commit and runs it. */
  readonly shipped: boolean;
  readonly detail: string;
  /** What to record on the app; missing if nothing is to be recorded. */
  readonly record?: DeployRecord | undefined;
  /** What the host deployed, if there is nothing to record about it. */
  readonly revision?: string | undefined;
  /** The scripts of app.json and the Procfile that the deploy ran; undefined if its output was not seen. */
  readonly scripts?: readonly string[] | undefined;
  /** False if the host started no web process. */
  readonly hasWeb?: boolean;
  /** True if the first URL has answered already. */
  readonly isServing?: boolean;
  /** The commit of another job that runs instead of this one. */
  readonly supersededBy?: string;
  /** True if nothing was done, and another plan is needed: the host has changed since it was observed. */
  readonly needsPlan?: boolean;
  /** Something the developer should know about a successful deploy. */
  readonly warning?: string;
}

/** What the deploy step needs besides the host: the source to ship, and where to report progress. */
export interface DeployOptions extends HostAccess {
  readonly source: Source;
  readonly childEnv: ChildEnv;
  /** Called for each line that the host prints, with secrets removed. */
  readonly onLine: OnLine;
  /** Whether requests go through the job's proxy. */
  readonly isProxied: boolean;
  /** Whether the host is this machine. */
  readonly isHostLocal: boolean;
  readonly onWait: (message: string) => void;
  /** Shows how far the step is, on a terminal; undefined: there is nothing to show any more. */
  readonly onProgress: (text: string | undefined) => void;
  readonly warn: (message: string) => void;
  /**
   * Throws `app-removed` if the app is no longer the one that the job deploys to: a push would create it anew. The app's
   * configuration is asked for unless the answer is given.
   */
  readonly checkApp: (config?: Answer) => Promise<void>;
  /** The same, unless the app was there a moment ago. */
  readonly checkAppAgain: () => Promise<void>;
}

/** The outcome of one try. `lost`: the connection dropped; `sent`: everything had been sent, so the host may be building. */
export type AttemptResult =
  | { readonly kind: 'deployed'; readonly deployed: DeployResult }
  /** Another build is running. `refused`: the host's lock refused this one. */
  | { readonly kind: 'busy'; readonly refused: boolean }
  /** Another job has deployed since this one last looked. */
  | { readonly kind: 'changed'; readonly running: RunningVersion }
  | { readonly kind: 'lost'; readonly sent: boolean; readonly error: DeployError };
