import { deriveServiceName } from '../context/name-rules.ts';
import { serviceUrlKey } from '../context/service-urls.ts';
import { checkValue } from '../context/values.ts';
import type { Answer, Command } from '../dokku/command.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { isSameService, readServiceUrl, type ServiceId } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { isSecretName, isSetting } from '../secret.ts';
import type { Setting } from '../settings/setting.ts';
import { settings } from '../settings/settings.ts';
import { isInternalKey } from './keys.ts';

/** The block of the configuration file that declares an app as it is. */
export interface AppBlock {
  /** Its keys, in the order of the file. */
  readonly entries: Readonly<Record<string, unknown>>;
  /** The variables that it refers to, since their values may be secret. */
  readonly variables: readonly string[];
  /** What the block does not say, one sentence each. */
  readonly remarks: readonly string[];
}

/** What was read of an app. */
export interface AppReading {
  readonly app: string;
  readonly config: ReadonlyMap<string, string>;
  /** The services that it is linked to, by their exact names. */
  readonly linked: readonly ServiceId[];
  /** The answers to `settingQuestions`, in the same order. */
  readonly answers: readonly Answer[];
}

/** Returns the commands that show everything that settings can declare. */
export function settingQuestions(app: string): readonly Command[] {
  return settings.flatMap((setting) => setting.questions(app, undefined));
}

/** Returns the block for an app. Values that may be secret are variables in it, never the values themselves. */
export function declareApp(reading: AppReading): AppBlock {
  const { app } = reading;
  const services = declareServices(reading);
  const env = declareEnv(reading, services);
  const declared = declareSettings(reading);
  const entries = {
    app,
    ...(services.length > 0 ? { services: services.map(({ entry }) => entry) } : {}),
    ...(env.size > 0 ? { env: Object.fromEntries([...env].map(([key, { text }]) => [key, text])) } : {}),
    ...declared.entries,
  };
  const ofEnv = [...env.values()].flatMap(({ variable }) => variable ?? []);
  return { entries, variables: [...ofEnv, ...listVariables(declared.entries)], remarks: declared.remarks };
}

interface DeclaredService {
  /** The key of the configuration that the link has set. */
  readonly key: string;
  readonly entry: string | { readonly type: string; readonly name: string; readonly as?: string };
}

/** A link sets one variable; another one with the same URL is someone's copy. */
function declareServices({ app, config, linked }: AppReading): DeclaredService[] {
  const isOnlyDatabase = linked.filter(({ plugin }) => isSql(plugin)).length === 1;
  return linked.flatMap((service): DeclaredService[] => {
    const { plugin, name } = service;
    const keys = [...config].flatMap(([key, value]) => {
      const found = readServiceUrl(value);
      return found && isSameService(found, service) && key.endsWith('_URL') ? [key] : [];
    });
    const usual = serviceUrlKey({ plugin });
    const key = keys.includes(usual) ? usual : keys[0];
    if (key === undefined) return [];
    const suffix = isOnlyDatabase && isSql(plugin) ? 'database' : plugin;
    const isDefault = key === usual && name === deriveServiceName(app, suffix, plugin);
    const as = key === usual ? {} : { as: key.slice(0, -'_URL'.length) };
    return [{ key, entry: isDefault ? plugin : { type: plugin, name, ...as } }];
  });
}

function isSql(plugin: string): boolean {
  return serviceUrlKey({ plugin }) === 'DATABASE_URL' || plugin === 'mongo';
}

interface EnvValue {
  readonly text: string;
  /** The variable that holds the value; undefined if the text does. */
  readonly variable: string | undefined;
}

function declareEnv({ config }: AppReading, services: readonly DeclaredService[]): Map<string, EnvValue> {
  const linkKeys = new Set(services.map(({ key }) => key));
  const own = [...config].filter(([key]) => !linkKeys.has(key) && !isInternalKey(key) && !ofDokku.test(key));
  return new Map(own.map(([key, value]) => [key, declareValue(key, value)]));
}

/** What Dokku itself writes into an app's configuration. */
const ofDokku =
  /^(GIT_REV|NO_VHOST|DOKKU_(APP_RESTORE|APP_TYPE|APP_PROXY_TYPE|APP_SHELL|PROXY_PORT|PROXY_SSL_PORT|PROXY_PORT_MAP|DISABLE_PROXY)|DOKKU_DEPLOY_\w*)$/;

/** Only an ordinary setting is written out: anything else may be a secret, whatever its key is. */
function declareValue(key: string, value: string): EnvValue {
  if (value !== '' && isSetting([key], value) && checkValue(value) === undefined)
    return { text: value.replaceAll('$', '$$$$'), variable: undefined };
  const variable = ofJobs.test(key) ? `APP_${key}` : key;
  return { text: `$${variable}`, variable };
}

/** Variables that have a meaning of their own in a job. */
const ofJobs =
  /^(PATH|HOME|PWD|USER|SHELL|HOSTNAME|LANG|LC_\w+|CI|(CI|GITLAB|GIT|FF|SSH|DOKKU|NODE|LD)_\w+)$/;

interface DeclaredSettings {
  readonly entries: Readonly<Record<string, unknown>>;
  readonly remarks: readonly string[];
}

function declareSettings({ app, answers }: AppReading): DeclaredSettings {
  const entries: [string, unknown][] = [];
  const remarks: string[] = [];
  let position = 0;
  for (const setting of settings) {
    const { length } = setting.questions(app, undefined);
    const own = answers.slice(position, position + length);
    position += length;
    const read = readSetting(setting, own, app);
    if ('remark' in read) remarks.push(read.remark);
    else if (read.entry !== undefined) entries.push([setting.key, read.entry]);
  }
  return { entries: Object.fromEntries(entries), remarks };
}

type SettingReading = { readonly entry: unknown } | { readonly remark: string };

function readSetting(setting: Setting, answers: readonly Answer[], app: string): SettingReading {
  const { key } = setting;
  // The app cannot have what a plugin sets that the host lacks.
  const lacksPlugin = answers.some(
    (answer) => answer.kind === 'refused' && classifyRefusal(answer) === 'unknown-command',
  );
  try {
    const entry = setting.declare(setting.read(answers, app));
    return holdsSecret(entry)
      ? {
          remark: `${key} is left out, and stays as it is on the host: it seems to contain a password or token`,
        }
      : { entry };
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    return lacksPlugin ? { entry: undefined } : { remark: `${key} could not be read: ${error.message}` };
  }
}

/** Whether a setting holds what an operator has put there in plain text: `--build-arg NPM_TOKEN=x`, or a login in a URL. */
function holdsSecret(entry: unknown): boolean {
  if (typeof entry !== 'string')
    return typeof entry === 'object' && entry !== null && Object.values(entry).some(holdsSecret);
  const pairs = [...entry.matchAll(/([A-Za-z_][\w.-]*)=([^\s=]+)/g)];
  const isEnv = /^(-e|--env|--build-arg)[ =]/.test(entry);
  return (
    /https?:\/\/[^\s/@]+@/.test(entry) ||
    pairs.some(
      ([, name = '', value = '']) =>
        isSecretName(name.replaceAll('-', '_')) || (isEnv && !isSetting([name], value)),
    )
  );
}

/** Returns the variables that settings refer to. */
function listVariables(entries: unknown): string[] {
  return [...JSON.stringify(entries).matchAll(/"\$([A-Z_][A-Z0-9_]*)"/g)].map(([, name = '']) => name);
}
