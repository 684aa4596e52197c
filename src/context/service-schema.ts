import { z } from 'zod';
import { text } from './source-schema.ts';

const network = text.refine(
  (name) => /^(?!(?:host|none)$)[A-Za-z0-9][\w.-]*$/.test(name),
  'expected the name of a Docker network, other than host and none',
);

/** The key `options` of a service: what the `create` command of its plugin takes. */
export const serviceOptions = z
  .strictObject({
    memory: z
      .union([z.number(), text])
      .refine(
        (value) => parseMegabytes(String(value)) !== undefined,
        'expected a size of at least 6 MB: 512, 512m or 2g',
      )
      .optional()
      .describe('The memory limit of its container: megabytes (512), or a size (512m, 2g).'),
    shm_size: text
      .refine((value) => /^[1-9]\d*[kmg]$/i.test(value), 'expected a size with its unit: 256m or 1g')
      .optional()
      .describe(
        'The size of its /dev/shm: 256m, 1g. Postgres needs more than the default (64m) for large queries.',
      ),
    password: text
      .optional()
      .describe('The password in its URL, as a $VARIABLE. By default, the plugin generates one.'),
    root_password: text
      .optional()
      .describe(
        'The password of its root user, as a $VARIABLE: mysql, mariadb and mongo only. By default, the plugin generates one.',
      ),
    initial_network: network.optional().describe('The Docker network that its container starts in.'),
    post_create_network: network
      .optional()
      .describe('A Docker network that its container joins before it starts.'),
    post_start_network: network
      .optional()
      .describe('A Docker network that its container joins after it started.'),
  })
  .describe(
    'Options for creating the service. They count when it is created: those of an existing service do not change.',
  );

export type ServiceOptionsEntry = z.infer<typeof serviceOptions>;

/** Returns a size in megabytes; undefined for text that isn't one, and for less than Docker accepts. */
export function parseMegabytes(size: string): number | undefined {
  const [, digits, unit = 'm'] = /^(\d{1,7})([mg]?)$/i.exec(size) ?? [];
  const megabytes = Number(digits) * (unit.toLowerCase() === 'g' ? 1024 : 1);
  return megabytes >= 6 ? megabytes : undefined;
}
