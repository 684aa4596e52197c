import { buildNginxConfig } from '../nginx/build-config.ts';
import { DeployAborted, type Release } from './release.ts';

/** Writes the configuration of the proxy. Aborts the deploy if nginx rejects it; the new processes keep running then. */
export function configureProxy({ app, out, err, state }: Release): void {
  if (app.web) out(`-----> Ensuring network configuration is in sync for ${app.name}`);
  const print = { out: toLines(out), err: toLines(err), quiet: false };
  if (buildNginxConfig(print, { state }, app) !== 0) throw new DeployAborted();
}

function toLines(write: (line: string) => void): (text: string | Uint8Array) => void {
  return (text) => {
    for (const line of String(text).replace(/\n$/, '').split('\n')) write(line);
  };
}
