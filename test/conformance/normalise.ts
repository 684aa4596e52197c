function sortLines(block: string): string {
  return block.trimEnd().split('\n').sort().join('\n').concat('\n');
}

type NormaliseRule = readonly [pattern: RegExp, replacement: string | ((found: string) => string)];

const rules: readonly NormaliseRule[] = [
  // Git marks the host's output with `remote:` and pads it to the terminal's width.
  [/^remote: (.*)$/gm, '$1'],
  [/[ \t]+$/gm, ''],
  // The page that a failed healthcheck received.
  [/(=====> Start healthcheck output\n)[\s\S]*?(?======> End healthcheck output)/g, '$1'],
  // Abbreviated commit ids in git's output.
  [/\b[0-9a-f]{7}(\.{2,3})[0-9a-f]{7}\b/g, '<old>$1<new>'],
  // A builder's own output; the sandbox has no Docker.
  [
    /(-----> Building \S+ from \w+)\n[\s\S]*?(?=-----> Releasing| ! {5}(Failure extracting|Retagging|Removing invalid|App build)|$(?![\s\S]))/g,
    '$1\n',
  ],
  // A program's own output, which Dokku prints twice when the program fails.
  [/=====> Start of \S+ container output[\s\S]*?=====> End of \S+ container output .*\n/g, ''],
  // Healthchecks run in parallel.
  [/(^ {7}(Running healthcheck|Healthcheck succeeded) .*\n)+/gm, sortLines],
  [/(^.*Failure in name='.*\n)+/gm, sortLines],
  // Docker's default registry.
  [
    /"https:\/\/(<REGISTRY>|registry\.invalid)\/v2\/(.*?)": dial tcp: lookup \1/g,
    '"https://<registry>/v2/$2": dial tcp: lookup <registry>',
  ],
  [/(<REGISTRY>|registry\.k8s\.io)\/pause/g, '<registry>/pause'],
  // The prefix of nginx's messages.
  [/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (\[\w+\]) \d+#\d+:/gm, '$1'],
  // The output of the certificate authority's client.
  [/(letsencrypt certificate for \S+ via HTTP-01\n)[\s\S]*?(?=-----> )/g, '$1'],
  // The address of a process in nginx's configuration.
  [/^ {2}server \S+;$/gm, '  server <address>;'],
  // The stack of a program in Go.
  [/^(panic: .*)\n[\s\S]*/m, '$1\n'],
  // Where the proxy reaches a process: in a container, or on this machine.
  [/(web-listeners":")[\d.]+:\d+/g, '$1<listener>'],
  // The port from which a client asked a process.
  [/(\[::ffff:[^\]]+\]:)\d+/g, '$1<port>'],
  // The environment of a container, in no order, and without what the image or the machine set.
  [
    /(^[A-Z_]+=.*\n)*^DYNO=run.*\n(^[A-Z_]+=.*\n)*/gm,
    (block) => sortLines(block.replace(/^(PATH|HOME|HOSTNAME|PWD)=.*\n/gm, '')),
  ],
  // How much is due to be removed depends on how long the replay takes.
  [/^ {7}Attempting to retire .*\n/gm, ''],
  // The containers of `run`, and how long they have run.
  [/\b(run|cron)\.\d+/g, '$1.<number>'],
  [/^NAMES +COMMAND +CREATED$/gm, 'NAMES COMMAND CREATED'],
  [/(run\.<number>) +(".*") +(\d+ \w+|Less than a second|About a \w+) ago$/gm, '$1 $2 <age>'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g, '<time>'],
  // Random ids of tasks, containers, builds and processes.
  [/task \([0-9a-f]{9}\)/g, 'task (<id>)'],
  [/CID: [0-9a-f]{11}/g, 'CID: <id>'],
  [/\bmw[a-z][a-z0-9]{10,12}\b/g, '<build>'],
  [/\.upcoming-\d+/g, '.upcoming-<number>'],
  [/(Build pid: +|PID: +|Random port |"(build-)?pid":"?)\d+/g, '$1<number>'],
  [/^(Duration: +)\w+$/gm, '$1<time>'],
  [/"duration":"\w+"/g, '"duration":"<time>"'],
  // The sandbox serves all apps on one port of the machine.
  [/(https?:\/\/[a-z0-9.*-]+\.test):\d+/g, '$1'],
  // The recorder's name server.
  [/ on <DNS>/g, ''],
  [/source=\S+ details=dest=\S+/g, 'source=<file> details=dest=<folder>'],
  // The size of the sample app, and unzip's output for each file.
  [/(file from stdin\n)\d+\n/g, '$1<bytes>\n'],
  [/^(Archive: .*|[0-9a-f]{40}|<commit>| +(inflating|creating|extracting): .*)\n/gm, ''],
  // Git's output for a fetch between two folders of the host.
  [/^From \/tmp\/.*\n( {3}(<old>|[0-9a-f]{7})\.\..*\n)+/gm, ''],
  [/(\/tmp\/dokku-[\w./-]+|(<lab>|\/var\/lib)\/docker\/tmp\/docker-import-\d+)/g, '<folder>'],
  [/(line 165:) +\d+( Quit)/g, '$1 <pid>$2'],
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>'],
  [/[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT/g, '<time>'],
  // Certificates that were made for the recording.
  [/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g, '<certificate>'],
  // Ids of containers, images and services are random.
  [/\b[0-9a-f]{64}\b/g, '<id>'],
  [/\b[0-9a-f]{40}\b/g, '<commit>'],
  [/\b[0-9a-f]{12}\b/g, '<short id>'],
  // Passwords are random: 16 characters for MySQL, 32 for Postgres, 64 for Redis.
  [/(:\/\/[a-z]*:)[0-9a-f]{16,64}@/g, '$1<password>@'],
  // A container's address; the sandbox has no containers.
  [/\b172\.17\.\d+\.\d+\b|\b127\.0\.0\.1\b/g, '<address>'],
  // Times.
  [/\b17\d{8}\b/g, '<time>'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'],
  // A build's process id and time, in columns of varying width.
  [/^<build> +(\w+) +(\w+) +\d+ +(\S+) +<time> +\S+$/gm, '<build> $1 $2 $3'],
  [/^Build ID .*$/gm, 'Build ID …'],
  // A few error messages of the plugins' shell contain the path of the plugin.
  [/\/var\/lib\/dokku\/(core-)?plugins\/\S*?\/(\w+)\/\S+/g, '<plugin $2>'],
  // Bytes that aren't text: the sandbox stores configuration as text, Dokku as bytes.
  [
    /^(export )?ENC_BIN[=:].*\n|(--env=)?ENC_BIN='[^']*' |"ENC_BIN":"[^"]*",|\{"name":"ENC_BIN","value":"[^"]*"\},/gm,
    '',
  ],
  [/^ {7}ENC_BIN: .*$/gm, '<no text>'],
  // Trailing spaces are invisible.
  [/[ \t]+$/gm, ''],
];

/** Returns a host's output without the parts that differ from host to host, such as ids, times and addresses. */
export function normalise(text: string): string {
  return rules.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement as string), text);
}
