import type { Files } from './workspace.ts';

/** What differs between the versions of the second recording's app. */
export interface AppOptions {
  readonly predeploy?: string | undefined;
  readonly postdeploy?: string;
  readonly checks?: object;
  readonly formation?: object;
  readonly cron?: object;
  readonly procfile?: string;
  /** The value of the variable V in the image. */
  readonly version?: string;
  /** Seconds until the app listens: the recorder's builds took as long. */
  readonly delay?: number;
}

export const webCheck = [{ type: 'startup', name: 'web up', path: '/', attempts: 5 }];

export const upCheck = [{ type: 'startup', name: 'up', uptime: 1 }];

export const uptimeCheck = [{ type: 'startup', name: 'u', uptime: 1 }];

// The program writes what the recorder's web server wrote, so that logs can be compared.
const program = `console.log("starting on 5000")
require("http").createServer((request, response) => {
  const code = request.url === "/" ? 200 : 404
  console.log("[::ffff:172.17.0.1]:42000: response:" + code)
  response.writeHead(code).end("rev " + process.env.GIT_REV)
}).listen(process.env.PORT, "127.0.0.1")
`;

/** Returns the files of the app that the second recording deployed. */
export function appFiles(options: AppOptions = {}): Files {
  const { version, delay, procfile } = options;
  return {
    Dockerfile: [
      'FROM r-base:1',
      'WORKDIR /app',
      ...(version === undefined ? [] : [`ENV V=${version}`]),
      'COPY . /app',
      'CMD ["sh", "start.sh"]',
      '',
    ].join('\n'),
    'start.sh': `${delay === undefined ? '' : `sleep ${delay}\n`}exec node server.cjs\n`,
    'server.cjs': program,
    'app.json': JSON.stringify(manifestOf(options)),
    Procfile: procfile,
  };
}

function manifestOf(options: AppOptions): object {
  const { predeploy = 'echo predeploy-ran', postdeploy = 'echo postdeploy-ran', checks, ...more } = options;
  const scripts = { dokku: { ...(predeploy ? { predeploy } : {}), ...(postdeploy ? { postdeploy } : {}) } };
  const { formation, cron } = more;
  return {
    scripts,
    healthchecks: checks ?? { web: webCheck },
    ...(formation ? { formation } : {}),
    ...(cron ? { cron } : {}),
  };
}

/** A worker that writes one line and runs on. */
export const worker = "worker: sh -c 'echo worker up; exec sleep 100000'\n";

export const webAndWorker = `web: sh start.sh\n${worker}`;
