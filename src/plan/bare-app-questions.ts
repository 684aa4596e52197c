import {
  appCreatedAt,
  countMounts,
  hasCertificate,
  hasDockerOptions,
  listMounts,
  listPorts,
  noPorts,
  readDomains,
  reportDockerOptions,
  reportDomains,
} from '../dokku/app-settings.ts';
import { appDeployed } from '../dokku/apps.ts';
import type { Answer, Command } from '../dokku/command.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import type { Finding } from './host-state.ts';
import type { Question } from './question.ts';

/**
 * Returns the questions that show whether an app without any configuration is really empty, as `apps:create` leaves it, or
 * was set up by someone. What the host can't answer counts as set up.
 */
export function bareAppQuestions(app: string): Question[] {
  return [
    ask(
      appDeployed(app),
      'a deployed version',
      (stdout) => stdout.trim().split('\n').at(-1)?.trim() === 'false',
    ),
    domainsQuestion(app),
    ask(listMounts(app), 'mounts', (stdout) => countMounts(stdout) === 0),
    portsQuestion(app),
    ask(reportDockerOptions(app), 'Docker options or links', (stdout) => !hasDockerOptions(stdout)),
    ask(hasCertificate(app), 'a certificate', (stdout) => stdout.trim() === 'false'),
    createdAtQuestion(app),
  ];
}

/** Asks for a setting. `isUnset` reads the answer, and throws a SyntaxError for one that it can't read. */
function ask(command: Command, setting: string, isUnset: (stdout: string) => boolean): Question {
  return question(command, setting, (answer) =>
    answer.kind === 'answered' && isUnset(answer.stdout) ? [] : [{ kind: 'set', setting }],
  );
}

function question(command: Command, setting: string, read: (answer: Answer) => readonly Finding[]): Question {
  return {
    command,
    read: (answer) => {
      if (answer.kind === 'refused' && classifyRefusal(answer) === 'missing') return { app: 'absent' };
      try {
        return { findings: read(answer) };
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        return {
          findings: [{ kind: 'set', setting: `${setting} that the host reports in an unknown form` }],
        };
      }
    },
  };
}

function domainsQuestion(app: string): Question {
  return question(reportDomains(app), 'domains', (answer) => {
    if (answer.kind === 'refused') return [{ kind: 'set', setting: 'domains that this host cannot report' }];
    const { added, missing } = readDomains(app, answer.stdout);
    if (added.length > 0) return [{ kind: 'set', setting: `the domain ${added[0]}` }];
    return missing.length > 0 ? [{ kind: 'no-domain' }] : [];
  });
}

function portsQuestion(app: string): Question {
  return question(listPorts(app), 'ports', (answer) =>
    answer.kind === 'refused' && noPorts.test(answer.stderr) ? [] : [{ kind: 'set', setting: 'ports' }],
  );
}

function createdAtQuestion(app: string): Question {
  return question(appCreatedAt(app), 'a date of creation', (answer) =>
    answer.kind === 'answered' && answer.stdout.trim() === '' ? [{ kind: 'half-removed' }] : [],
  );
}
