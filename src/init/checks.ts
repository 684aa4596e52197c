import { readHostAddress } from '../access/host-address.ts';

// Each check returns what is wrong with a text as the predicate of a sentence; undefined for a valid one.

/** '' is accepted: the host may not be known yet. */
export function checkHost(text: string): string | undefined {
  const read = text === '' ? undefined : readHostAddress(text);
  return read && 'problem' in read ? read.problem : undefined;
}

/** The name of a GitLab environment that begins with a letter: it is also a key of the file and the name of a job. */
export function checkEnvironment(text: string): string | undefined {
  return /^[A-Za-z][A-Za-z0-9/_-]{0,254}$/.test(text)
    ? undefined
    : 'is not the name of an environment (letters, digits, / _ -)';
}

/** Other jobs that init writes, and words that mean something else at the top of a .gitlab-ci.yml. */
const takenJobNames =
  /^(review|stop_review|e2e_review|after_script|before_script|cache|default|false|image|include|nil|null|pages|services|spec|stages|true|types|variables|workflow)$/;

/** An environment that gets a job of its name. */
export function checkNewEnvironment(text: string): string | undefined {
  return takenJobNames.test(text) ? 'would be the name of a job, and is taken' : checkEnvironment(text);
}

export function checkService(text: string): string | undefined {
  return /^[a-z]+(:[\w.-]+)?$/.test(text)
    ? undefined
    : 'is not a service plugin, such as postgres or postgres:17';
}

/** An image or the path of a project: what cannot change the YAML around it. */
export function checkPlainName(text: string): string | undefined {
  return /^[\w$][\w./:@$-]*$/.test(text) ? undefined : 'has characters that such a name cannot have';
}
