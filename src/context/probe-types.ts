import type { Value } from '../dokku/command.ts';

/** How an app is asked after a deploy whether it serves. */
export interface Probe {
  /** The path and query to ask for. */
  readonly path: string;
  /**
   * The statuses of an app that serves. `serving`: all but those of a proxy whose app does not answer. `success`: 200 to
   * 399.
   */
  readonly status: 'serving' | 'success' | readonly number[];
  /** A text that the answer must contain. */
  readonly text: string | undefined;
  /** Where the app names the commit that it runs: in a header of its answer, or in the answer at another path. */
  readonly commit: { readonly header: string } | { readonly path: string } | undefined;
  /** How long the app has to answer so. */
  readonly seconds: number;
  /** Where to connect to, instead of to the host in the app's URL; without a port, to the URL's. */
  readonly connect: { readonly host: string; readonly port: number | undefined } | undefined;
  /** The login of `basic_auth`, which a page that is asked for on purpose is behind. */
  readonly login: { readonly user: string; readonly password: Value } | undefined;
  /** Whether an app that this job cannot reach fails it. */
  readonly isStrict: boolean;
}
