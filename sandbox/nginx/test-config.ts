import type { App } from '../host/state.ts';
import { certificateProblem } from './certificate.ts';
import { directiveChecks } from './directives.ts';
import { readServers } from './server-blocks.ts';
import { nameProblems } from './server-names.ts';

/** What `nginx -t` answers for the configuration of these apps. */
export interface ConfigTest {
  readonly isValid: boolean;
  /** The messages on stderr. */
  readonly messages: string;
}

/**
 * Tests the configuration of some apps as `nginx -t` does: first the directives, file by file, then the certificates, then
 * the server names. nginx stops at the first error. All apps are one configuration, so one error invalidates it for all.
 * `withDefault` adds the site for unknown host names, which shares ports 80 and 443 with the apps.
 */
export function testConfig(apps: readonly App[], withDefault: boolean): ConfigTest {
  const sorted = apps.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const app of sorted) {
    const problem = findDirectiveProblem(app);
    if (problem !== undefined) return rejected([emerg(problem)]);
  }
  const servers = sorted.flatMap(readServers);
  for (const { app } of servers.filter(({ isSecure }) => isSecure)) {
    const problem = certificateProblem(app);
    if (problem !== undefined) return rejected([...problem.prompts, emerg(problem.message)]);
  }
  const { warnings, error } = nameProblems(servers, withDefault ? ['80', '443'] : []);
  if (error !== undefined) return rejected([...warnings.map((text) => log('warn', text)), emerg(error)]);
  return { isValid: true, messages: '' };
}

function findDirectiveProblem({ name, proxy }: App): string | undefined {
  const folder = `/home/dokku/${name}`;
  for (const [index, line] of (proxy.conf ?? '').split('\n').entries()) {
    const problem = checkLine(line);
    if (problem !== undefined) return `${problem} in ${folder}/nginx.conf:${index + 1}`;
    if (!/^\s*include .*nginx\.conf\.d/.test(line)) continue;
    for (const [part, text] of [...proxy.parts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const [at, inner] of text.split('\n').entries()) {
        const wrong = checkLine(inner);
        if (wrong !== undefined) return `${wrong} in ${folder}/nginx.conf.d/${part}:${at + 1}`;
      }
    }
  }
  return undefined;
}

function checkLine(line: string): string | undefined {
  const [, name = '', words = ''] = /^\s*(\w+)\s+(.*?);\s*$/.exec(line) ?? [];
  return Object.hasOwn(directiveChecks, name)
    ? directiveChecks[name]?.(words.split(/\s+/).filter((word) => word !== ''))
    : undefined;
}

function rejected(lines: readonly string[]): ConfigTest {
  const all = [...lines, 'nginx: configuration file /etc/nginx/nginx.conf test failed'];
  return { isValid: false, messages: all.map((line) => `${line}\n`).join('') };
}

function emerg(text: string): string {
  return log('emerg', text);
}

function log(level: string, text: string): string {
  const at = new Date().toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
  const id = 1_000 + Math.floor(Math.random() * 30_000);
  return `${at} [${level}] ${id}#${id}: ${text}`;
}
