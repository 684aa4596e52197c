import type { Source } from '../context/context.ts';
import type { Host } from '../ssh/host.ts';
import type { OnLine } from '../ssh/lines.ts';
import type { RecordedSnapshot } from './host-snapshot.ts';
import type { ChildEnv } from './process.ts';
import type { ReportUpload } from './push-pack.ts';

/** What is shipped. */
export interface ShippedVersion {
  readonly commit: string;
  /** The id on the host: the snapshot's, or with the whole history the commit's. */
  readonly revision: string;
  /** What the snapshot was made from, to be recorded: the next push is small if it is known (`RecordedSnapshot`). */
  readonly base: string | undefined;
}

/** The outcome of shipping. */
export type ShipResult =
  | ({ readonly kind: 'nothing-new' } & ShippedVersion)
  /** `beforePush` held the push back. */
  | { readonly kind: 'held-back' }
  | ({
      readonly kind: 'pushed';
      /** How many bytes of the pack were sent. */
      readonly bytes: number;
      readonly accepted: boolean;
      /** Git's reason for a rejected ref. */
      readonly reason: string | undefined;
      /** The lines that the host printed; of very many, those that matter (`createKeptLines`). */
      readonly lines: readonly string[];
    } & ShippedVersion)
  /** The connection ended before the answer. `complete`: all was sent, and the host may be building. */
  | {
      readonly kind: 'cut-off';
      readonly complete: boolean;
      /** The exit code with which the host ended the push by itself; undefined if the connection was lost. */
      readonly exit: number | undefined;
      /** All lines that the host printed. */
      readonly lines: readonly string[];
    };

/** A push that the host answered. */
export type PushedResult = ShipResult & { readonly kind: 'pushed' };

export interface ShipOptions {
  readonly host: Host;
  readonly app: string;
  /** The deploy branch. */
  readonly branch: string;
  readonly source: Source;
  /** The job's variables that git gets. */
  readonly childEnv: ChildEnv;
  readonly onLine: OnLine;
  readonly reportUpload?: ReportUpload;
  /** What is known to run: if it is what would be pushed, the host is not asked. */
  readonly running?: string | undefined;
  /** Called right before the host is asked for the app's repository, which creates an app that does not exist. */
  readonly beforeOpen?: () => Promise<void>;
  /** What the app records about the snapshot that it runs. */
  readonly recorded?: RecordedSnapshot | undefined;
  /**
   * Called when all is prepared, with the id to push and that of the branch on the host (`zeroId` if it is missing). The push
   * is made only if it returns true. Called again if the host rejects the push for lack of objects, before all are sent.
   */
  readonly beforePush?: (revision: string, oldId: string) => Promise<boolean>;
}
