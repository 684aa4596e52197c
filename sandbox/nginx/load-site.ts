import { ownProperty } from '../host/app-properties.ts';
import type { ProxySite } from '../host/proxy-site.ts';
import type { App } from '../host/state.ts';
import { readServers } from './server-blocks.ts';

/** Returns an app as nginx serves it after it has read its files; nothing for an app without a host name. */
export function loadSite(app: App): ProxySite[] {
  const servers = readServers(app);
  const names = servers.flatMap(({ names: own }) => own.map((name) => name.toLowerCase()));
  if (names.length === 0) return [];
  const conf = app.proxy.conf ?? '';
  const [cert, key] = [ownProperty(app, 'certs', 'crt'), ownProperty(app, 'certs', 'key')];
  return [
    {
      app: app.name,
      names: [...new Set(names)],
      parts: new Map(app.proxy.parts),
      certificate: servers.some(({ isSecure }) => isSecure) ? { cert, key } : undefined,
      isRedirected: conf.includes('return 301 https://'),
      maxBody: parseSize(/^ {2}client_max_body_size (.*);$/m.exec(conf)?.[1] ?? '1m'),
      hsts: /Strict-Transport-Security "(.*)"/.exec(app.proxy.parts.get('hsts.conf') ?? '')?.[1],
    },
  ];
}

/** Parses a size of nginx: bytes, or kilobytes, megabytes or gigabytes with a letter. */
function parseSize(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)([kmg]?)$/i.exec(text) ?? [];
  return Number(number) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
}
