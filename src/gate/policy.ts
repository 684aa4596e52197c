import { readHostAddress } from '../access/host-address.ts';
import { checkEnvironmentAppName } from '../context/name-rules.ts';
import { findNode, formatPosition, type YamlDocument } from '../context/yaml-document.ts';
import { readYamlAs } from '../context/yaml-schema.ts';
import { configurationError, type Problem } from '../problems.ts';
import { type PolicyFile, policySchema } from './policy-schema.ts';
import type { SocketAddress } from './private-socket.ts';
import { readTrustedFile } from './trusted-file.ts';

/** A valid policy, and where it was read. */
export interface Policy extends PolicyFile {
  readonly path: string;
}

/**
 * Reads the policy of a gate. Throws `configuration` with every problem at once: a file that others can write, its values with line and
 * column, and rules that contradict one another.
 */
export async function readPolicy(path: string): Promise<Policy> {
  const file = await readTrustedFile(path);
  if ('problem' in file) throw configurationError([file.problem], remedy);
  const policy = parsePolicy({ path, text: file.text });
  if ('problems' in policy) throw configurationError(policy.problems, remedy);
  return policy.policy;
}

const remedy = 'Fix the policy; docs/gate.md describes it.';

/** Checks the text of a policy. */
export function parsePolicy(file: {
  readonly path: string;
  readonly text: string;
}): { readonly policy: Policy } | { readonly problems: readonly Problem[] } {
  const read = readYamlAs(file, policySchema, 'See docs/gate.md.');
  if ('problems' in read) return read;
  const problems = findContradictions(read.value, read.yaml);
  return problems.length > 0 ? { problems } : { policy: { ...read.value, path: file.path } };
}

type Keys = readonly (string | number)[];

function findContradictions(policy: PolicyFile, yaml: YamlDocument): Problem[] {
  const problems: Problem[] = [];
  const add = (keys: Keys, message: string, fix: string) => {
    const where = formatPosition(yaml, findNode(yaml, keys)?.range?.[0]);
    problems.push({ where, message: `${keys.join('.')}: ${message}`, remedy: fix });
  };
  const address = readHostAddress(policy.host.address);
  if ('problem' in address)
    add(['host', 'address'], address.problem, 'It must be host, host:port or user@host.');
  checkListen(policy, add);
  checkProjects(policy, add);
  return problems;
}

type Add = (keys: Keys, message: string, fix: string) => void;

function checkListen({ listen, gitlab }: PolicyFile, add: Add): void {
  if (gitlab && !/^https?:$/.test(URL.parse(gitlab.url)?.protocol ?? ''))
    add(['gitlab', 'url'], 'is not a URL', 'It must be GitLab’s URL: https://gitlab.example.com.');
  if (!listen) return;
  if (!gitlab)
    add(['listen'], 'jobs that connect need gitlab, too', 'Add gitlab: {url: https://gitlab.example.com}.');
  if (readListenAddress(listen.address) === undefined)
    add(['listen', 'address'], 'is not an address', 'It must be ADDRESS:PORT or unix:/PATH.');
}

/** Where a server listens. */
export type ListenAddress = SocketAddress | { readonly host: string; readonly port: number };

/** Reads `ADDRESS:PORT` or `unix:/PATH`; undefined for any other text. */
export function readListenAddress(address: string): ListenAddress | undefined {
  if (/^unix:\/./.test(address)) return { path: address.slice('unix:'.length) };
  const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[^:\s/]+):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function checkProjects({ projects }: PolicyFile, add: Add): void {
  const apps = new Map<string, string>();
  for (const [index, project] of projects.entries()) {
    const at: Keys = ['projects', index];
    const other = projects.findIndex(
      ({ path, id }) => path === project.path || (id !== undefined && id === project.id),
    );
    if (other !== index)
      add([...at, 'path'], 'the project is listed twice', 'Put all of its rules in one place.');
    if (project.inside && !project.review)
      add([...at, 'inside'], 'the project has no review apps', 'Add review, or remove inside.');
    for (const [name, environment] of Object.entries(project.environments ?? {})) {
      const keys = [...at, 'environments', name];
      const wrong = checkEnvironmentAppName(environment.app);
      if (wrong) add([...keys, 'app'], wrong, 'Name the app as the host does.');
      const owner = apps.get(environment.app);
      if (owner !== undefined)
        add([...keys, 'app'], `${environment.app} is already the app of ${owner}`, 'Choose another app.');
      apps.set(environment.app, `${name} of ${project.path}`);
      for (const from of environment.from ?? []) {
        if (Object.hasOwn(project.environments ?? {}, from)) continue;
        add([...keys, 'from'], `${from} is not an environment of the project`, 'Declare it, or remove it.');
      }
    }
  }
}
