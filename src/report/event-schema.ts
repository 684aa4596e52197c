import { z } from 'zod';
import type { RunEvent } from '../apply/events.ts';
import { type ErrorCode, errorCatalogue, exitCodes } from '../errors.ts';

const text = z.string();
const milliseconds = z.number().int().nonnegative();
const id = text.regex(/^[a-z0-9.-]+$/).describe('The id of the step, as in the plan.');
const title = text.describe('The title of the step.');
const script = text.describe('predeploy, release, postdeploy or heroku.postdeploy.');
const outcome = z.enum(['done', 'skipped', 'failed', 'stopped']);
const exitCode = z
  .union(Object.keys(exitCodes).map((code) => z.literal(Number(code))))
  .describe('The exit code of the process.');

const result = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('serving'),
    urls: z.array(text).describe('The URLs of the app.'),
    shipped: z.boolean().describe('False if the app already runs this commit.'),
    commit: text.optional().describe('The commit that runs.'),
  }),
  z.object({
    kind: z.literal('prepared'),
    services: z.array(text).describe('The services of the app, as type:name.'),
    changed: z.boolean().describe('False if the app was prepared before, or is deployed.'),
  }),
  z.object({
    kind: z.literal('removed'),
    services: z.array(text).describe('The services that were removed with the app, as type:name.'),
    wasThere: z.boolean().describe('False if there was nothing to remove.'),
  }),
]);

const error = z.object({
  code: z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]).describe('See docs/errors.md.'),
  message: text,
  remedy: text.optional().describe('What to do.'),
  said: z.array(text).describe('Lines of output of the host or git.'),
  exitCode,
});

/** The fields of each kind of event. The type requires an entry for each kind. */
const fields: { readonly [Kind in RunEvent['kind']]: z.ZodRawShape } = {
  'run-started': {
    command: text,
    version: text.describe('The version of dokku-deploy.'),
    app: text,
    host: text.optional().describe('user@host:port'),
  },
  warned: { about: text, message: text },
  noted: { message: text },
  planned: { steps: z.array(z.object({ id, title })).describe('The steps, in their order.') },
  'step-started': { id, title },
  said: { id, line: text.describe('A line of the host’s output.') },
  'script-started': { id, script },
  'script-ended': { id, script, outcome, took: milliseconds },
  quoted: {
    id: text.describe('What the lines are: `log`.'),
    title: text,
    lines: z.array(text).describe('The last lines of the app’s log.'),
  },
  waiting: { id, message: text },
  'step-ended': {
    id,
    title,
    outcome,
    took: milliseconds,
    note: text.optional(),
  },
  'run-ended': { took: milliseconds, exitCode, result: result.optional(), error: error.optional() },
};

/** A line of `--log-format json`. Fields may be added within a version; readers must ignore fields that they don't know. */
export const eventSchema = z
  .union(Object.entries(fields).map(([kind, shape]) => lineSchema(kind, shape)))
  .describe('A line of dokku-deploy --log-format json.');

function lineSchema(kind: string, shape: z.ZodRawShape) {
  return z.object({
    level: z
      .number()
      .int()
      .describe('pino’s levels: 20 debug, 30 info, 40 warn, 50 error (a step or a run that failed).'),
    time: milliseconds.describe('Milliseconds since the epoch.'),
    v: z.literal(1).describe('The version of this schema.'),
    kind: z.literal(kind),
    ...shape,
  });
}

/** Returns the JSON Schema of such a line. */
export function eventJsonSchema(): unknown {
  return z.toJSONSchema(eventSchema, { target: 'draft-7', io: 'input' });
}
