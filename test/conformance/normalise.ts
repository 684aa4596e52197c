const sortLines = (block: string): string => block.trimEnd().split('\n').sort().join('\n').concat('\n');

type NormaliseRule = readonly [pattern: RegExp, replacement: string | ((found: string) => string)];

const rules: readonly NormaliseRule[] = [
  // What git shows of the host's words: marked, and padded to the terminal's width.
  [/^remote: (.*)$/gm, '$1'],
  [/[ \t]+$/gm, ''],
  // A page that a healthcheck did not like.
  [/(=====> Start healthcheck output\n)[\s\S]*?(?======> End healthcheck output)/g, '$1'],
  // Where a build is built on is told by git as short commits.
  [/\b[0-9a-f]{7}(\.{2,3})[0-9a-f]{7}\b/g, '<old>$1<new>'],
  // What a builder says is its own; the sandbox has no Docker.
  [
    /(-----> Building \S+ from \w+)\n[\s\S]*?(?=-----> Releasing| ! {5}(Failure extracting|Retagging|Removing invalid|App build)|$(?![\s\S]))/g,
    '$1\n',
  ],
  // A program's own words, which are told twice when it fails.
  [/=====> Start of \S+ container output[\s\S]*?=====> End of \S+ container output .*\n/g, ''],
  // Healthchecks run side by side.
  [/(^ {7}(Running healthcheck|Healthcheck succeeded) .*\n)+/gm, sortLines],
  [/(^.*Failure in name='.*\n)+/gm, sortLines],
  // Numbers that are drawn: task, container, build, process.
  [/task \([0-9a-f]{9}\)/g, 'task (<id>)'],
  [/CID: [0-9a-f]{11}/g, 'CID: <id>'],
  [/\bmwt\w{11}\b/g, '<build>'],
  [/\.upcoming-\d+/g, '.upcoming-<number>'],
  [/(Build pid: +|Random port |"pid":)\d+/g, '$1<number>'],
  [/"duration":"\w+"/g, '"duration":"<time>"'],
  // The sandbox serves all apps on one port of the machine.
  [/(https?:\/\/[a-z0-9.-]+\.test):\d+/g, '$1'],
  // The recorder's name server.
  [/ on <DNS>/g, ''],
  [/source=\S+ details=dest=\S+/g, 'source=<file> details=dest=<folder>'],
  // The size of the sample app, and what unzip says of each file.
  [/(file from stdin\n)\d+\n/g, '$1<bytes>\n'],
  [/^(Archive: .*|[0-9a-f]{40}|<commit>| +(inflating|creating|extracting): .*)\n/gm, ''],
  // How git tells of a fetch between two folders of the host.
  [/^From \/tmp\/.*\n( {3}(<old>|[0-9a-f]{7})\.\..*\n)+/gm, ''],
  [/(\/tmp\/dokku-[\w./-]+)/g, '<folder>'],
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>'],
  [/[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT/g, '<time>'],
  // Ids of containers, images and services are random.
  [/\b[0-9a-f]{64}\b/g, '<id>'],
  [/\b[0-9a-f]{40}\b/g, '<commit>'],
  [/\b[0-9a-f]{12}\b/g, '<short id>'],
  // Passwords are random: 16 characters for MySQL, 32 for Postgres, 64 for Redis.
  [/(:\/\/[a-z]*:)[0-9a-f]{16,64}@/g, '$1<password>@'],
  // A container's address is the network's; the sandbox has no containers.
  [/\b172\.17\.\d+\.\d+\b|\b127\.0\.0\.1\b/g, '<address>'],
  // Times pass.
  [/\b17\d{8}\b/g, '<time>'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'],
  // A build's process and time, in columns as wide as they need.
  [/^<build> +(\w+) +(\w+) +\d+ +(\S+) +<time> +\S+$/gm, '<build> $1 $2 $3'],
  [/^Build ID .*$/gm, 'Build ID …'],
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
  rules.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement as string), text);
