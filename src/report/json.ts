import type { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Emit, RunEvent } from '../apply/events.ts';
import { mapStrings } from './map-strings.ts';
import { sanitizeText } from './sanitize.ts';

/** Creates the logger of `--log-format json`: one JSON object per line, with the schema of `dokku-deploy schema events`. */
export function createJsonLogger(write: (text: string) => void): Emit {
  const destination = { write } as unknown as Writable;
  const log = pino({ level: 'debug', base: null, timestamp: false }, destination);
  return (event) =>
    log[levelOf(event)]({ time: event.at, ...mapStrings(serializeEvent(event), sanitizeText) });
}

type Level = 'debug' | 'info' | 'warn' | 'error';

const levels: Readonly<Record<RunEvent['kind'], Level>> = {
  'run-started': 'info',
  warned: 'warn',
  noted: 'info',
  planned: 'info',
  'step-started': 'info',
  said: 'debug',
  'script-started': 'info',
  'script-ended': 'info',
  quoted: 'info',
  waiting: 'info',
  'step-ended': 'info',
  'run-ended': 'info',
};

function levelOf(event: RunEvent): Level {
  const hasFailed =
    ((event.kind === 'step-ended' || event.kind === 'script-ended') && event.outcome === 'failed') ||
    (event.kind === 'run-ended' && event.exitCode !== 0);
  return hasFailed ? 'error' : levels[event.kind];
}

/** Converts an event to plain data for the log. */
export function serializeEvent(event: RunEvent): Record<string, unknown> {
  const { at, ...fields } = event;
  if (event.kind !== 'run-ended' || !event.error) return { v: 1, ...fields };
  const { code, message, remedy, said, exitCode } = event.error;
  return { v: 1, ...fields, error: { code, message, remedy, said, exitCode } };
}
