import { configurationJsonSchema } from '../context/schema.ts';
import type { World } from '../world.ts';

/** Prints the JSON Schema of `.dokku-deploy.yml`. */
export const schemaCommand = async (world: World): Promise<number> => {
  world.stdout.write(`${JSON.stringify(configurationJsonSchema(), null, 2)}\n`);
  return 0;
};
