import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { App, SandboxHost } from '../host/state.ts';

/** A mapping from a port of the proxy to a port of the app. */
export interface PortMap {
  readonly scheme: string;
  readonly host: string;
  readonly container: string;
}

/** Returns the port mappings that the proxy uses: those that are set, otherwise those that Dokku detects. */
export function portMapsOf(app: App): PortMap[] {
  return (app.ports.length > 0 ? app.ports : detectPorts(app)).map(parsePortMap);
}

/** Parses `scheme:host-port:container-port`. */
export function parsePortMap(text: string): PortMap {
  const [scheme = '', host = '', container = ''] = text.split(':');
  return { scheme, host, container };
}

/** Returns the mappings that Dokku detects: the port that the image exposes, and https if there is a certificate. */
export function detectPorts(app: App): string[] {
  const exposed = app.image?.recipe.exposed;
  const port = ownProperty(app, 'proxy', 'proxy-port') || '80';
  const isForgotten = ownProperty(app, 'ports', 'map-detected') === 'forgotten';
  const http = exposed === undefined || isForgotten ? `http:${port}:5000` : `http:${exposed}:${exposed}`;
  if (!hasCertificate(app)) return [http];
  const secure = ownProperty(app, 'proxy', 'proxy-ssl-port') || '443';
  // Only http on port 80 gets a second mapping; any other becomes https.
  return http.startsWith('http:80:')
    ? [http, `https:${secure}:${http.split(':')[2]}`]
    : [http.replace('http:', 'https:')];
}

/** Makes Dokku forget the mappings of the image until the next build, as enabling domains does. */
export function forgetDetectedPorts(app: App): void {
  setProperty(app, 'ports', 'map-detected', 'forgotten');
}

/** Uses the mappings of a newly built image. */
export function detectPortsAnew(app: App): void {
  setProperty(app, 'ports', 'map-detected', '');
}

/** Drops port 80 or 443 of an app, and all its mappings if one of them uses such a port, as disabling domains does. */
export function clearDefaultPorts(app: App): void {
  if (ownProperty(app, 'proxy', 'proxy-port') === '80') setProperty(app, 'proxy', 'proxy-port', '');
  if (ownProperty(app, 'proxy', 'proxy-ssl-port') === '443') setProperty(app, 'proxy', 'proxy-ssl-port', '');
  if (app.ports.some((map) => /^(http:80|https:443):/.test(map))) app.ports = [];
}

/** Chooses the ports of an app that has none yet: the default ones, or random ones if it isn't served by domain. */
export function configurePorts(
  call: Pick<Call, 'out'>,
  { state }: Pick<SandboxHost, 'state'>,
  app: App,
): void {
  const choose = (key: string, label: string, fallback: string): void => {
    if (ownProperty(app, 'proxy', key) !== '') return;
    let port = ownProperty(state.global, 'proxy', key) || fallback;
    if (!app.vhosts) {
      call.out(`-----> No ${label}port set, setting to random open high port\n`);
      port = String(32_768 + Math.floor(Math.random() * 20_000));
      if (label === '') call.out(`-----> Random port ${port}\n`);
    }
    setProperty(app, 'proxy', key, port);
  };
  choose('proxy-port', '', '80');
  if (hasCertificate(app)) choose('proxy-ssl-port', 'ssl ', '443');
}

/** Returns whether an app has a certificate, valid or not. */
export function hasCertificate(app: App): boolean {
  return ownProperty(app, 'certs', 'crt') !== '';
}
