import type { Source } from '../context/context.ts';
import type { DeployError } from '../errors.ts';
import type { ChildEnv } from '../source/process.ts';
import type { OnLine } from '../ssh/lines.ts';
import type { HostAccess } from './ask.ts';

/** The outcome of the deploy step. */
export interface DeployResult {
  readonly urls: readonly string[];
  /** False when the host already had the commit and runs it. */
  readonly shipped: boolean;
  readonly detail: string;
  /** Something the developer should know about a successful deploy. */
  readonly warning?: string;
}

/** What the deploy step needs besides the host: the source to ship, and where to report progress. */
export interface DeployOptions extends HostAccess {
  readonly source: Source;
  readonly childEnv: ChildEnv;
  /** Called for each line that the host prints, with secrets removed. */
  readonly onLine: OnLine;
  readonly onWait: (message: string) => void;
  readonly warn: (message: string) => void;
}

/** The outcome of one try. `lost`: the connection dropped; `sent`: everything had been sent, so the host may be building. */
export type AttemptResult =
  | { readonly kind: 'deployed'; readonly deployed: DeployResult }
  | { readonly kind: 'busy' }
  | { readonly kind: 'lost'; readonly sent: boolean; readonly error: DeployError };
