import type { JobInput } from '../environment/job-input.ts';
import { type Problem, quoteValue } from '../problems.ts';
import type { Access, HostAddress, HostKeys, PrivateKey } from './access-types.ts';
import { resolveGateAccess } from './gate-access.ts';
import { readHostAddress } from './host-address.ts';
import { readKnownHosts } from './known-hosts.ts';
import { readPrivateKey } from './private-key.ts';

/** Where the host is configured (a variable, or `file:line:column`), and its text. */
export interface HostSetting {
  readonly where: string;
  /** Undefined if a problem with it has been reported. */
  readonly text: string | undefined;
}

/**
 * Validates the host address (or the gate that DOKKU_GATE names instead), the private key and the known hosts, and adds what is wrong to `problems`. Returns
 * undefined if the address or the key is missing or wrong.
 */
export async function resolveAccess(
  jobInput: JobInput,
  host: HostSetting | undefined,
  problems: Problem[],
): Promise<Access | undefined> {
  if (jobInput.variables.DOKKU_GATE !== undefined) return resolveGateAccess(jobInput, problems);
  const address = resolveAddress(host, problems);
  const key = await resolvePrivateKey(jobInput, problems);
  const hostKeys = resolveHostKeys(jobInput, address, problems);
  return address && key ? { address, privateKey: key, hostKeys } : undefined;
}

const setVariableRemedy = 'Set it in the project’s Settings > CI/CD > Variables.';

function resolveAddress(host: HostSetting | undefined, problems: Problem[]): HostAddress | undefined {
  if (!host) {
    problems.push({
      where: 'DOKKU_HOST',
      message: 'not set',
      remedy: setVariableRemedy,
    });
    return undefined;
  }
  if (host.text === undefined) return undefined;
  const read = readHostAddress(host.text);
  if (!('problem' in read)) return read;
  problems.push({
    where: host.where,
    message: `${quoteValue(host.text)} ${read.problem}`,
    remedy:
      'It must be host, host:port, user@host or ssh://user@host:port, with an IPv6 address in brackets.',
  });
  return undefined;
}

async function resolvePrivateKey(jobInput: JobInput, problems: Problem[]): Promise<PrivateKey | undefined> {
  const { contents, variables } = jobInput;
  const variable = contents.SSH_PRIVATE_KEY === undefined ? 'SSH_PRIVATE_KEY_BASE64' : 'SSH_PRIVATE_KEY';
  const text = contents.SSH_PRIVATE_KEY ?? variables.SSH_PRIVATE_KEY_BASE64;
  if (text === undefined) {
    problems.push(missingVariable('SSH_PRIVATE_KEY', jobInput));
    return undefined;
  }
  const read = await readPrivateKey({ text, passphrase: variables.SSH_PASSPHRASE, variable });
  if ('key' in read) return read.key;
  problems.push({ where: variable, ...read.problem });
  return undefined;
}

/** The problem of a missing variable, with the reason why the job may lack it although the user has set it. */
function missingVariable(name: string, { variables, empty }: JobInput): Problem {
  const what = empty.has(name) ? 'empty' : 'not set';
  if (variables.CI_COMMIT_REF_PROTECTED === 'false') {
    // A merge request pipeline gets no protected variables, even if its branch is protected.
    const orProtect = variables.CI_MERGE_REQUEST_IID === undefined ? ', or protect the branch' : '';
    return {
      where: name,
      message: `${what}, and this branch is not protected: GitLab passes protected variables only to protected branches`,
      remedy: `Uncheck “Protect variable” for ${name}${orProtect}; also check the environment scope of the variable.`,
    };
  }
  return { where: name, message: what, remedy: setVariableRemedy };
}

function resolveHostKeys(
  jobInput: JobInput,
  address: HostAddress | undefined,
  problems: Problem[],
): HostKeys {
  const checking = jobInput.variables.SSH_HOST_KEY_CHECKING;
  const text = jobInput.contents.SSH_KNOWN_HOSTS;
  if (checking !== undefined && checking !== 'accept-new' && checking !== 'yes') {
    const message = `${quoteValue(checking)} is not a known value`;
    problems.push({
      where: 'SSH_HOST_KEY_CHECKING',
      message,
      remedy: 'Set it to accept-new, or remove it.',
    });
  }
  if (text === undefined && checking !== 'accept-new') {
    const scan = `ssh-keyscan ${address && address.port !== 22 ? `-p ${address.port} ` : ''}${address?.host ?? 'HOST'}`;
    const pinned = `Set it to the output of this command, after you have compared it with the key on the host: ${scan}`;
    problems.push({
      ...missingVariable('SSH_KNOWN_HOSTS', jobInput),
      ...(jobInput.empty.has('SSH_KNOWN_HOSTS') ? {} : { remedy: pinned }),
    });
  }
  const { known, hasAuthorities, problems: lines } = readKnownHosts(text ?? '');
  for (const { line, message } of lines) {
    problems.push({
      where: `SSH_KNOWN_HOSTS, line ${line}`,
      message,
      remedy: 'Paste the complete lines that ssh-keyscan prints, or the SHA256 fingerprint of the host key.',
    });
  }
  return { checking: checking === 'accept-new' ? 'accept-new' : 'pinned', known, hasAuthorities };
}
