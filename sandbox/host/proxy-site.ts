/** An app's files below /home/dokku/APP that nginx reads. */
export interface ProxyFiles {
  /** `nginx.conf`; undefined if there is none. */
  conf: string | undefined;
  /** The files in `nginx.conf.d` by name. */
  readonly parts: Map<string, string>;
}

/** An app as the running nginx serves it. */
export interface ProxySite {
  readonly app: string;
  /** Host names in lower case; wildcards start with `*.`. */
  readonly names: readonly string[];
  readonly parts: ReadonlyMap<string, string>;
  /** The certificate that was there when nginx was loaded, with its key; undefined if it isn't served by HTTPS. */
  readonly certificate: { readonly cert: string; readonly key: string } | undefined;
  /** Whether requests by HTTP are redirected to HTTPS. */
  readonly isRedirected: boolean;
  /** The largest body of a request in bytes; 0 for any size. */
  readonly maxBody: number;
  /** The Strict-Transport-Security header of answers by HTTPS. */
  readonly hsts: string | undefined;
}
