import { DeployError } from '../errors.ts';

const timeoutRemedy = 'Check the load of the host and what the command does there, then run the job again.';

/** The error for a command that took too long. `line` is the command line, `time` the limit in milliseconds. */
export function notFinishedError(line: string, time: number): DeployError {
  return new DeployError('host-timeout', {
    message: `The host did not finish ${commandName(line)} within ${formatTime(time)}.`,
    remedy: timeoutRemedy,
  });
}

/** The error for a command whose host sent nothing for too long. */
export function silentError(line: string, time: number): DeployError {
  return new DeployError('host-timeout', {
    message: `The host sent nothing for ${formatTime(time)} during ${commandName(line)}.`,
    remedy: timeoutRemedy,
  });
}

/** The error for a channel that the host did not open in time. */
export function noChannelInTimeError(line: string, time: number): DeployError {
  return new DeployError('host-timeout', {
    message: `The host did not open a channel for ${commandName(line)} within ${formatTime(time)}.`,
    remedy: timeoutRemedy,
  });
}

/** The error for an answer of more than `bytes`. */
export function tooLargeError(line: string, bytes: number): DeployError {
  return new DeployError('answer-too-large', {
    message: `The host sent more than ${formatSize(bytes)} in answer to ${commandName(line)}.`,
    remedy: 'Run the command on the host to see what it prints: a plugin may print debug output.',
  });
}

/** The name of the command in a line, without its arguments, which may contain secrets. */
function commandName(line: string): string {
  return line.split(' ').find((word) => !word.startsWith('--')) ?? '';
}

function formatTime(milliseconds: number): string {
  return milliseconds < 60_000 ? `${milliseconds / 1_000} s` : `${milliseconds / 60_000} min`;
}

function formatSize(bytes: number): string {
  return bytes < 1024 ** 2 ? `${bytes / 1024} KB` : `${bytes / 1024 ** 2} MB`;
}
