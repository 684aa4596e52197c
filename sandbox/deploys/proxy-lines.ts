import { ownProperty } from '../host/app-properties.ts';
import type { Release } from './release.ts';

/** Prints what Dokku prints when it writes the configuration of the proxy. */
export function printProxyLines({ app, out, err }: Pick<Release, 'app' | 'out' | 'err'>): void {
  if (app.web) out(`-----> Ensuring network configuration is in sync for ${app.name}`);
  if (ownProperty(app, 'proxy', 'disabled') === 'true') {
    out(`-----> Nginx support is disabled for app (${app.name})`);
    return;
  }
  if (!app.web) err(` !     No web listeners specified for ${app.name}`);
  for (const domain of [...app.domains].sort())
    out(`-----> Configuring ${domain}...(using built-in template)`);
  out('-----> Creating http nginx.conf');
  out('       Reloading nginx');
}
