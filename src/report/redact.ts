import type { RunEvent } from '../apply/events.ts';
import { DeployError } from '../errors.ts';

/** Makes a text safe to show: without secrets and control characters. */
export type Redact = (text: string) => string;

/**
 * Redacts an event before anything is made of it, field by field: a secret that looks like a part of JSON, such as
 * `"version": 1`, cannot break a report. Names of the run (command, app, host, URLs, services) are left as they are.
 */
export function redactEvent(event: RunEvent, redact: Redact): RunEvent {
  switch (event.kind) {
    case 'run-started':
    case 'script-started':
    case 'script-ended':
      return event;
    case 'warned':
      return { ...event, about: redact(event.about), message: redact(event.message) };
    case 'noted':
    case 'waiting':
      return { ...event, message: redact(event.message) };
    case 'planned':
      return { ...event, steps: event.steps.map(({ id, title }) => ({ id, title: redact(title) })) };
    case 'step-started':
      return { ...event, title: redact(event.title) };
    case 'said':
      return { ...event, line: redact(event.line) };
    case 'quoted':
      return { ...event, title: redact(event.title), lines: event.lines.map(redact) };
    case 'step-ended':
      return { ...event, title: redact(event.title), note: event.note && redact(event.note) };
    case 'run-ended':
      return { ...event, error: event.error && redactError(event.error, redact) };
  }
}

/** Redacts the texts of an error. The cause is left out: nothing shows it. */
export function redactError({ code, message, remedy, said }: DeployError, redact: Redact): DeployError {
  return new DeployError(code, {
    message: redact(message),
    remedy: remedy && redact(remedy),
    said: said.map(redact),
  });
}
