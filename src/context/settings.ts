import type { JobInput } from '../environment/job-input.ts';
import { Secret } from '../secret.ts';
import { computeDigest, hashPart } from '../settings/digest.ts';
import { mergeEntries } from '../settings/merge.ts';
import type { DeclaredSetting, SettingResolver } from '../settings/setting.ts';
import { settings } from '../settings/settings.ts';
import { addAddress } from './app-address.ts';
import type { Warning } from './context.ts';
import { lookUp } from './expansion.ts';
import { type Resolver, resolveText } from './resolver.ts';
import { readSettingFiles } from './setting-files.ts';

/** The entries of all settings in one block of the file, by key. */
type Entries = Readonly<Record<string, unknown>>;

/** Returns the entries of the settings that a block has, each merged with that of the top level. */
export function mergeSettings(top: Entries, block: Entries): Entries {
  const merged = settings.map(
    (setting) => [setting.key, mergeEntries(setting, [top[setting.key], block[setting.key]])] as const,
  );
  return Object.fromEntries(merged.filter(([, entry]) => entry !== undefined));
}

/** What settings are resolved for. */
export interface SettingsInput
  extends Pick<SettingResolver, 'app' | 'target' | 'processes' | 'hasFormation'> {
  readonly entries: Entries;
  readonly jobInput: Pick<JobInput, 'env' | 'readFile' | 'now'>;
  readonly warnings: Warning[];
}

/** The settings of an app, and the resolver of everything else, which knows the app's address if they declare it. */
export interface ResolvedSettings {
  readonly settings: readonly DeclaredSetting[];
  readonly resolver: Resolver;
}

/** Resolves the settings that the file declares, and puts their secrets into the vault. */
export async function resolveSettings(input: SettingsInput, resolver: Resolver): Promise<ResolvedSettings> {
  const files = await readSettingFiles(input.entries, input.jobInput);
  const found: DeclaredSetting[] = [];
  let current = resolver;
  for (const setting of settings) {
    const entry = input.entries[setting.key];
    if (entry === undefined) continue;
    const domains = declaredDomains(found);
    const declared = setting.resolve(
      entry,
      createSettingResolver(setting.key, { ...input, domains, files }, current),
    );
    if (declared === undefined) continue;
    found.push({
      key: setting.key,
      declared,
      digest: computeDigest(input.app, { [setting.key]: declared }, current.vault),
      parts: (setting.parts?.(declared) ?? []).map((part) => hashPart(input.app, setting.key, part)),
    });
    current = addAddress(input.entries, declaredDomains(found), resolver);
  }
  return { settings: found, resolver: addAddress(input.entries, declaredDomains(found), resolver) };
}

function declaredDomains(found: readonly DeclaredSetting[]): readonly string[] {
  const domains = found.find(({ key }) => key === 'domains')?.declared;
  return Array.isArray(domains) ? domains.map(String) : [];
}

function createSettingResolver(
  key: string,
  input: SettingsInput & Pick<SettingResolver, 'domains'> & { readonly files: ReadonlyMap<string, string> },
  resolver: Resolver,
): SettingResolver {
  const { app, target, processes, domains, hasFormation, warnings, entries, files, jobInput } = input;
  const { now } = jobInput;
  const { vault, problems, path } = resolver;
  const name = (at: string) => (at === '' ? key : `${key}.${at}`);
  const text: SettingResolver['text'] = (raw, at) => resolveText(String(raw), name(at), resolver);
  const hide: SettingResolver['hide'] = (value, at) => {
    const secret = name(at);
    vault.set(secret, new Secret(secret, value));
    return { secret };
  };
  return {
    ...{ app, target, processes, domains, hasFormation, now, text, hide },
    declares: (other) => ![undefined, 'none'].includes(entries[other] as string | undefined),
    isOfBranch: (raw, value) => isOfBranch({ raw, value, app }, resolver),
    secret: (raw, at) => hide(text(raw, at), at),
    content: (raw, at) => {
      const before = problems.length;
      const value = text(raw, at);
      return problems.length > before ? undefined : (files.get(value.trim()) ?? value);
    },
    reveal: (value) => (typeof value === 'string' ? value : (vault.get(value.secret)?.reveal() ?? '')),
    problem: (at, message, remedy) => {
      problems.push({ where: `${path}: ${name(at)}`, message, remedy });
    },
    warn: (at, message) => {
      warnings.push({ about: `${path}: ${name(at)}`, message });
    },
  };
}

interface BranchValue {
  readonly raw: string;
  readonly value: string;
  readonly app: string;
}

/** A number of a merge request is too short to be looked for in the value itself. */
function isOfBranch({ raw, value, app }: BranchValue, { env }: Resolver): boolean {
  const slug = lookUp(env, 'REF_SLUG') ?? '';
  return value.includes(app) || (slug !== '' && value.includes(slug)) || mergeRequestVariable.test(raw);
}

const mergeRequestVariable = /\$\{?(MR|CI_MERGE_REQUEST_IID)\b/;
