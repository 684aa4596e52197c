import { gitlabVariables } from '../environment/gitlab-variables.ts';

// Without the messages of commits and merge requests: GitLab expands variables in them.
const publicNames = new Set<string>([
  ...gitlabVariables.filter((variable) => !('secret' in variable)).map(({ name }) => name),
  'CI_COMMIT_BRANCH',
  'CI_COMMIT_SHORT_SHA',
  'CI_ENVIRONMENT_SLUG',
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
  'CI_REGISTRY_IMAGE',
  'CI_SERVER_HOST',
]);

/**
 * Whether a variable's value needs no masking: one of GitLab's harmless variables, or a host name in a variable named
 * like one. Otherwise `production`, or the domain in the app's URL, would be masked.
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

/** Returns why a service's container can't get a value: the plugins take one line, with semicolons between values. */
export function checkServiceValue(value: string): ValueProblem | undefined {
  return /[;\n]/.test(value)
    ? {
        message: `has a ${value.includes(';') ? 'semicolon' : 'line break'}, which the service plugins do not accept`,
        remedy:
          'Build it into your own image (services: image), or encode it (base64) and decode it in that image.',
      }
    : checkValue(value);
}

const encodeRemedy = 'Store it encoded (base64) and decode it in the app';

/**
 * Returns why Dokku can't store a value unchanged; undefined if it can. Recorded on Dokku 0.38: a backslash or a double
 * quote at the end makes the whole environment unreadable; digits with leading zeros or a plus sign are rewritten.
 */
export function checkValue(value: string): ValueProblem | undefined {
  if (/[\\"]$/.test(value)) {
    return {
      message: `ends with ${value.at(-1)}, which makes the app’s whole configuration unreadable on the host`,
      remedy: `${encodeRemedy}.`,
    };
  }
  if (/^[+-]?\d{1,19}$/.test(value) && String(BigInt(value)) !== value) {
    return {
      message: `would be changed to ${BigInt(value)} by Dokku`,
      remedy: `${encodeRemedy}, or put a character in front of it.`,
    };
  }
  if (value.includes('\0'))
    return { message: 'has a NUL byte, which an environment cannot contain', remedy: `${encodeRemedy}.` };
  if (!value.isWellFormed()) return { message: 'is not valid Unicode', remedy: `${encodeRemedy}.` };
  return undefined;
}

/** Returns why Dokku doesn't accept a key; undefined for a valid one. */
export function checkKey(key: string): string | undefined {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key)
    ? undefined
    : 'may have only letters, digits and underscores, and must not begin with a digit';
}
