import { gitlabVariables } from '../environment/gitlab-variables.ts';

/** A value with its `$NAME` and `${NAME}` replaced, and the names that the job does not have. `$$` is a dollar. */
export interface Expansion {
  readonly value: string;
  readonly missing: readonly string[];
  /** The names of those that were put in. */
  readonly used: readonly string[];
}

const variableReference = /\$(?:\$|\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;

/** Puts the job's variables into a text. */
export function expandVariables(text: string, env: Readonly<Record<string, string | undefined>>): Expansion {
  const missing: string[] = [];
  const used: string[] = [];
  const value = text.replace(
    variableReference,
    (whole, braced: string | undefined, plain: string | undefined) => {
      const name = braced ?? plain;
      if (name === undefined) return '$';
      const found = env[name];
      (found === undefined ? missing : used).push(name);
      return found ?? whole;
    },
  );
  return { value, missing, used };
}

// A commit's or a merge request's words are not among them: GitLab puts variables into those that name some.
const publicNames = new Set<string>([
  ...gitlabVariables.filter((variable) => !('secret' in variable)).map(({ name }) => name),
  'CI_COMMIT_BRANCH',
  'CI_COMMIT_SHORT_SHA',
  'CI_COMMIT_TIMESTAMP',
  'CI_DEFAULT_BRANCH',
  'CI_ENVIRONMENT_SLUG',
  'CI_ENVIRONMENT_TIER',
  'CI_ENVIRONMENT_URL',
  'CI_JOB_ID',
  'CI_JOB_NAME',
  'CI_JOB_STAGE',
  'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
  'CI_PAGES_DOMAIN',
  'CI_PAGES_URL',
  'CI_PIPELINE_ID',
  'CI_PIPELINE_IID',
  'CI_PIPELINE_SOURCE',
  'CI_PROJECT_NAMESPACE',
  'CI_PROJECT_PATH_SLUG',
  'CI_PROJECT_ROOT_NAMESPACE',
  'CI_PROJECT_TITLE',
  'CI_REGISTRY',
  'CI_REGISTRY_IMAGE',
  'CI_SERVER_HOST',
]);

/**
 * Whether a variable hides nothing: GitLab's own that is known to be harmless, or a host's name under a name that says so.
 * Neither `production` nor the domain in the app's URL may turn into the name of a variable.
 */
export function isPublic(name: string, value: string): boolean {
  return publicNames.has(name) || isHostName(name, value);
}

function isHostName(name: string, value: string): boolean {
  return /(^|_)(DOMAIN|HOST|HOSTNAME)$/.test(name) && /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(value);
}

interface ValueProblem {
  readonly message: string;
  readonly remedy: string;
}

/** Why a service's container cannot be given a value: the plugins take all of them in one line, with semicolons between. */
export function checkServiceValue(value: string): ValueProblem | undefined {
  return /[;\n]/.test(value)
    ? {
        message: `has a ${value.includes(';') ? 'semicolon' : 'line break'}, and the plugins take no value with one`,
        remedy:
          'Build it into an image of your own (services: image), or encode it (base64) and let that image decode it.',
      }
    : checkValue(value);
}

const encodeRemedy = 'store it encoded (base64) and decode it in the app';

/**
 * Why Dokku cannot keep a value as it is; undefined for one that it can. Recorded on Dokku 0.38: a backslash or a double
 * quote at the end makes the whole environment unreadable; digits with leading zeros or a plus sign are rewritten.
 */
export function checkValue(value: string): ValueProblem | undefined {
  if (/[\\"]$/.test(value)) {
    return {
      message: `ends with ${value.at(-1)}, which makes the app’s whole configuration unreadable on the host`,
      remedy: encodeRemedy,
    };
  }
  if (/^[+-]?\d{1,19}$/.test(value) && String(BigInt(value)) !== value) {
    return {
      message: `would be changed by Dokku to ${BigInt(value)}`,
      remedy: `${encodeRemedy}, or put a character in front of it`,
    };
  }
  if (value.includes('\0'))
    return { message: 'has a NUL byte, which no environment can hold', remedy: encodeRemedy };
  if (!value.isWellFormed()) return { message: 'is not valid Unicode', remedy: encodeRemedy };
  return undefined;
}

/** Why a key is none for Dokku; undefined for a good one. */
export function checkKey(key: string): string | undefined {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key)
    ? undefined
    : 'may have only letters, digits and underscores, and begins with no digit';
}
