import type { Command } from './command.ts';
import { notJsonError } from './refusal-errors.ts';

/**
 * Returns the branch whose push deploys, from the table of `git:report`: the computed one, else the app's own, else the
 * global one, else `master` (Dokku's default).
 */
export function readDeployBranch(table: string): string {
  return (
    readRow(table, 'Git computed deploy branch') ??
    readRow(table, 'Git deploy branch') ??
    readRow(table, 'Git global deploy branch') ??
    'master'
  );
}

/** Returns what the deploy branch is at, from the table of `git:report`; undefined if it has no commit. */
export function readBranchRevision(table: string): string | undefined {
  return /^[0-9a-f]{40}$/.exec(readRow(table, 'Git sha') ?? '')?.[0];
}

/**
 * Returns the image that was deployed last, or whose deploy was tried last, from the table of `git:report`: Dokku stores its name
 * before it builds, and keeps it if that fails. Undefined if a commit was deployed with success since.
 */
export function readSourceImage(table: string): string | undefined {
  return readRow(table, 'Git source image');
}

/**
 * Returns the revision of the last successful deploy, from the table of `apps:report`: Dokku writes it only then, unlike
 * GIT_REV. For an image it is the name. Undefined after none, and after one that was neither from git nor an image.
 */
export function readDeployedRevision(table: string): string | undefined {
  if (readRow(table, 'App deploy source') === 'docker-image')
    return readRow(table, 'App deploy source metadata');
  return /(?:^|#)([0-9a-f]{40})$/.exec(readRow(table, 'App deploy source metadata') ?? '')?.[1];
}

/** Returns the folder of an app's repository on the host, from the table of `apps:report`; undefined for one that no command can name. */
export function readAppFolder(table: string): string | undefined {
  return /^\/[\w@%+=:,./-]+$/.exec(readRow(table, 'App dir') ?? '')?.[0];
}

/** Returns the global domains of the host, from the table of `domains:report --global`. */
export function readGlobalDomains(table: string): string[] {
  const [, domains = ''] = /^\s*Domains global vhosts:[ \t]*(.*)$/im.exec(table) ?? [];
  return domains.split(/\s+/).filter((domain) => domain !== '');
}

function readRow(table: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name}:[ \\t]*(\\S+)`, 'im').exec(table)?.[1];
}

/** Reads an app's configuration from the answer to `exportConfig`; undefined for anything else. */
export function readConfig(json: string): Map<string, string> | undefined {
  const parsed = parseObject(json);
  return parsed && new Map(Object.entries(parsed).map(([key, value]) => [key, String(value)]));
}

function parseObject(json: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Returns an app's configuration from the answer to `exportConfig`. Throws `host-refused` for anything else. */
export function readConfigOrFail(command: Command, json: string): Map<string, string> {
  const config = readConfig(json);
  if (config === undefined) throw notJsonError(command);
  return config;
}

/** Whether the JSON of `builds:list` names a build. False for anything else, as older versions print. */
export function hasBuilds(json: string): boolean {
  return readBuilds(json).length > 0;
}

/** Whether the newest build in the JSON of `builds:list` was cancelled. */
export function wasCanceled(json: string): boolean {
  const [newest] = readBuilds(json);
  return typeof newest === 'object' && newest !== null && 'status' in newest && newest.status === 'canceled';
}

function readBuilds(json: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

/** Returns how many processes of each type run, from the table of `ps:scale`. */
export function readScale(table: string): Map<string, number> {
  const rows = table.matchAll(/^([\w-]+):[ \t]+(\d+)[ \t]*$/gm);
  return new Map([...rows].map(([, type = '', count]) => [type, Number(count)]));
}

/** Returns the URLs that `urls APP` prints, one per line. */
export function readUrls(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^https?:\/\//.test(line));
}

/** Returns the app names that `apps:list` prints, one per line. */
export function readAppList(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^[a-z0-9][a-z0-9._-]*$/.test(line));
}
