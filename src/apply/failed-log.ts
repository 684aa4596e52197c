import { failedLogs, recentLogs } from '../dokku/apps.ts';
import type { Command } from '../dokku/command.ts';
import { cleanHostOutput } from '../dokku/refusals.ts';
import { DeployError, type ErrorCode } from '../errors.ts';
import { ask, type HostAccess } from './ask.ts';

/**
 * The command that prints the log of a failed deploy. When a postdeploy script fails, the new version is running; after the other
 * failures, its containers were stopped.
 */
const commands: ReadonlyMap<ErrorCode, (app: string) => Command> = new Map([
  ['unhealthy', failedLogs],
  ['release-failed', failedLogs],
  ['postdeploy-failed', recentLogs],
]);

/** Milliseconds. The job is about to end, and the log only helps. */
const timeLimit = 15_000;
const maxLines = 30;

export interface FailedLogAccess extends HostAccess {
  readonly showLog: (lines: readonly string[]) => void;
}

/**
 * Shows the last lines that the app printed in a deploy that failed, if the host has them. The failure itself is reported
 * anyway: never throws.
 */
export async function showFailedLog(error: unknown, app: string, access: FailedLogAccess): Promise<void> {
  const command = error instanceof DeployError ? commands.get(error.code)?.(app) : undefined;
  if (command === undefined || access.stop.aborted) return;
  const answer = await ask(command, access, { timeLimit }).catch(() => undefined);
  if (answer?.kind !== 'answered') return;
  const lines = cleanHostOutput(answer.stdout).filter((line) => !failedHeader.test(line));
  access.showLog(lines.slice(-maxLines));
}

/** Dokku's own line in front of the logs, which is all that it prints if it finds no container. */
const failedHeader = /^=====> \S+ failed deploy logs$/;
