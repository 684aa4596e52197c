const rules: readonly (readonly [RegExp, string])[] = [
  // Ids of containers, images and services are random.
  [/\b[0-9a-f]{64}\b/g, '<id>'],
  [/\b[0-9a-f]{12}\b/g, '<short id>'],
  // Passwords are random: 16 characters for MySQL, 32 for Postgres, 64 for Redis.
  [/(:\/\/[a-z]*:)[0-9a-f]{16,64}@/g, '$1<password>@'],
  // A container's address is the network's; the sandbox has no containers.
  [/\b172\.17\.\d+\.\d+\b|\b127\.0\.0\.1\b/g, '<address>'],
  // Times pass.
  [/\b17\d{8}\b/g, '<time>'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'],
  // Where Debian puts Dokku's plugins is told in a few messages of the plugins' own shell.
  [/\/var\/lib\/dokku\/(core-)?plugins\/\S*?\/(\w+)\/\S+/g, '<plugin $2>'],
  // Bytes that are no text: the sandbox keeps configuration as text, Dokku as bytes.
  [
    /^(export )?ENC_BIN[=:].*\n|(--env=)?ENC_BIN='[^']*' |"ENC_BIN":"[^"]*",|\{"name":"ENC_BIN","value":"[^"]*"\},/gm,
    '',
  ],
  [/^ {7}ENC_BIN: .*$/gm, '<no text>'],
  // A blank at a line's end cannot be seen.
  [/[ \t]+$/gm, ''],
];

/** What a host said, without what cannot be equal from host to host. */
export const normalise = (text: string): string =>
  rules.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
