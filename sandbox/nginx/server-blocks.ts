import type { App } from '../host/state.ts';

/** A `server` block: what nginx checks after it has read all files. */
export interface ServerBlock {
  readonly app: App;
  readonly ports: readonly string[];
  readonly names: readonly string[];
  readonly isSecure: boolean;
}

/** Returns the `server` blocks of an app's nginx.conf. */
export function readServers(app: App): ServerBlock[] {
  const blocks = (app.proxy.conf ?? '').split(/^server \{$/m).slice(1);
  return blocks.map((text) => ({
    app,
    ports: [...text.matchAll(/^ {2}listen\s+(\d+)[ ;]/gm)].map(([, port = '']) => port),
    names: (/^ {2}server_name (.*);/m.exec(text)?.[1] ?? '').split(' ').filter((name) => name !== ''),
    isSecure: /^ {2}ssl_certificate\s/m.test(text),
  }));
}
