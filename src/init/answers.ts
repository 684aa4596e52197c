/** What the user decides. */
export interface Answers {
  /** The Dokku host, as in DOKKU_HOST; '' if it is not known yet. */
  readonly host: string;
  readonly services: readonly { readonly type: string; readonly version: string | undefined }[];
  readonly reviewApps: boolean;
  /** Names: staging, production … */
  readonly environments: readonly string[];
  readonly pipeline: 'component' | 'jobs' | 'none';
  /** The project of the components on the user's GitLab: `tools/dokku-deploy`. */
  readonly component: string;
  /** The image of the jobs. */
  readonly image: string;
  /** The deploy key: `print` shows its private half once, on a terminal. */
  readonly key:
    | { readonly kind: 'none' }
    | { readonly kind: 'print' }
    | { readonly kind: 'file'; readonly path: string };
  /** Whether to write a route map, where one can be guessed. */
  readonly routeMap: boolean;
}
