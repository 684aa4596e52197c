import { z } from 'zod';
import { listPorts } from '../dokku/app-settings.ts';
import { readPorts, setPorts } from '../dokku/ports.ts';
import { findNearest } from '../problems.ts';
import type { Change, Known, Setting, SettingResolver } from './setting.ts';

const schema = z
  .array(z.string({ error: 'expected a list of mappings such as http:80:5000' }).trim().min(1))
  .describe(
    'The port mappings of the app, exactly these: scheme:host-port:app-port, with http, https, grpc or grpcs. The app gets its port as $PORT. https needs a certificate; with tls, https:443 is added to http:80. [] lets Dokku detect them. A running app whose app-port changes answers with 502 until the deploy that follows is done.',
  );

/** `ports`: which port of the host leads to which port of the app. */
export const ports: Setting<string[], readonly string[], readonly string[]> = {
  key: 'ports',
  schema,
  resolve,
  questions: (app) => [listPorts(app)],
  read: ([answer], app) => {
    if (answer === undefined) throw new Error('a question of a setting was not asked');
    return readPorts(answer, app);
  },
  declare: (current) => (current.length === 0 ? undefined : [...current]),
  fresh: () => [],
  changes,
};

function resolve(entry: readonly string[], resolver: SettingResolver): readonly string[] {
  const maps = entry.flatMap((raw, index) => resolveMap(raw, String(index), resolver) ?? []);
  for (const [index, { host, text }] of maps.entries()) {
    const earlier = maps.slice(0, index).find((map) => map.host === host);
    if (earlier !== undefined)
      resolver.problem(
        String(index),
        `${text} uses the port ${host}, which ${earlier.text} uses already`,
        'A port of the host leads to one port of the app.',
      );
  }
  warnWithoutCertificate(maps, resolver);
  return [...maps.map(({ text }) => text), ...secureMaps(maps, resolver)];
}

/** Dokku stores the mapping, and serves nothing on its port, while the app has no certificate (facts-2, F54). */
function warnWithoutCertificate(maps: readonly PortMap[], { declares, warn }: SettingResolver): void {
  if (declares('tls')) return;
  const secure = maps.filter(({ text }) => /^(https|grpcs):/.test(text)).map(({ text }) => text);
  if (secure.length === 0) return;
  const remedy = 'declare one with tls, or remove the mapping';
  warn('', `without a certificate, nothing is served on ${secure.join(', ')}: ${remedy}`);
}

/**
 * Returns what Dokku adds when an app with mappings of its own gets a certificate: https on port 443 beside http on port 80. Without it,
 * the mappings would differ from what is declared, and writing them again would turn HTTPS off.
 */
function secureMaps(maps: readonly PortMap[], { declares }: SettingResolver): string[] {
  if (!declares('tls') || maps.some(({ host }) => host === 443)) return [];
  return maps.flatMap(({ text }) =>
    text.startsWith('http:80:') ? [text.replace('http:80:', 'https:443:')] : [],
  );
}

interface PortMap {
  readonly host: number;
  /** As Dokku stores it. */
  readonly text: string;
}

const schemes = ['http', 'https', 'grpc', 'grpcs'];

/** Dokku takes any scheme, and nginx then serves nothing on that port (facts-2, F54). */
function resolveMap(raw: string, at: string, resolver: SettingResolver): PortMap | undefined {
  const text = resolver.text(raw, at).trim();
  // A variable that is missing is a problem already.
  if (text.includes('$')) return undefined;
  const [, scheme = '', host = '', app = ''] = /^([A-Za-z]+):(\d{1,5}):(\d{1,5})$/.exec(text) ?? [];
  if (scheme === '') {
    resolver.problem(
      at,
      `${JSON.stringify(text)} is not a port mapping`,
      'Write scheme:host-port:app-port: http:80:5000.',
    );
    return undefined;
  }
  if (!schemes.includes(scheme)) {
    const nearest = findNearest(scheme, schemes);
    resolver.problem(
      at,
      `${JSON.stringify(scheme)} is not a scheme that the proxy serves`,
      nearest === undefined ? `Schemes are ${schemes.join(', ')}.` : `Did you mean ${nearest}?`,
    );
  }
  for (const port of [host, app].filter((one) => !isPort(Number(one))))
    resolver.problem(at, `${port} is not a port`, 'Ports are between 1 and 65535.');
  return { host: Number(host), text: `${scheme}:${Number(host)}:${Number(app)}` };
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

function changes(
  app: string,
  current: readonly string[],
  declared: readonly string[] = [],
  { isDeployed }: Known,
): Change[] {
  if (isSameSet(current, declared)) return [];
  return [
    {
      id: 'ports',
      title: declared.length === 0 ? `Reset the ports of ${app}` : `Set the ports of ${app}`,
      before: describe(current),
      after: describe(declared),
      commands: [setPorts(app, declared)],
      // The port that the app must listen on, and that its checks ask, is chosen when its containers start.
      phase: 'before-deploy',
      effect: isDeployed && isSameSet(appPorts(current), appPorts(declared)) ? 'at-once' : 'next-deploy',
      undo: [setPorts(app, current)],
      changesUrls: true,
      repeat: 'the whole list is written again',
    },
  ];
}

/** Returns the change that writes the mappings after one that made Dokku forget them, in the same phase. */
export function portsAgain(app: string, declared: readonly string[], phase: Change['phase']): Change {
  return {
    id: 'ports-again',
    title: `Set the ports of ${app} again`,
    before: 'detected',
    after: describe(declared),
    commands: [setPorts(app, declared)],
    phase,
    effect: 'at-once',
    undo: [setPorts(app, [])],
    changesUrls: true,
    isAgain: true,
    repeat: 'the whole list is written again',
  };
}

/** Dokku sorts them. */
function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.toSorted().join() === other.toSorted().join();
}

function appPorts(maps: readonly string[]): string[] {
  return [...new Set(maps.map((map) => map.split(':')[2] ?? ''))];
}

function describe(maps: readonly string[]): string {
  return maps.length === 0 ? 'detected' : maps.join(', ');
}
