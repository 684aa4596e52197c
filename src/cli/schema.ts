import { configurationJsonSchema } from '../context/schema.ts';
import { DeployError } from '../errors.ts';
import { findNearest } from '../problems.ts';
import { eventJsonSchema } from '../report/event-schema.ts';
import type { World } from '../world.ts';
import type { CommandArguments } from './command.ts';

const schemas: Readonly<Record<string, () => unknown>> = {
  config: configurationJsonSchema,
  events: eventJsonSchema,
};

/** Prints the JSON Schema of `.dokku-deploy.yml`, or of the lines of the JSON log. Throws `usage`. */
export async function schemaCommand(world: World, { positional }: CommandArguments): Promise<number> {
  const [name = 'config'] = positional;
  const make = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (!make) {
    const near = findNearest(name, Object.keys(schemas));
    throw new DeployError('usage', {
      message: `Unknown schema: ${JSON.stringify(name)}.`,
      remedy: near ? `Did you mean ${near}?` : `Choose from ${Object.keys(schemas).join(', ')}.`,
    });
  }
  world.stdout.write(`${JSON.stringify(make(), null, 2)}\n`);
  return 0;
}
