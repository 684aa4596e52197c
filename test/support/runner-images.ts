import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { jobImage } from './container.ts';

/** The image in which gitlab-ci-local copies files. Built here, because no image registry can be reached. */
export const copyHelperImage = 'dokku-deploy-test-copying';

/** The image in which gitlab-ci-local waits for a service. Its arguments: `host:port` and a timeout. */
export const waitHelperImage = 'dokku-deploy-test-waiting';

const waiting = `FROM debian:12-slim
ENTRYPOINT ["bash", "-c", "until (: <>/dev/tcp/\${0%:*}/\${0#*:}) 2>/dev/null; do sleep 0.2; done"]
`;

/** A database server with the variables of MySQL's image that the examples use. It is MariaDB, because Debian has no MySQL. */
const mysql = `FROM debian:12-slim
RUN apt-get update \\
  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mariadb-server \\
  && rm -rf /var/lib/apt/lists/* && mkdir -p /run/mysqld && chown mysql /run/mysqld
EXPOSE 3306
CMD echo "CREATE DATABASE $MYSQL_DATABASE;" >/run/begin.sql \\
  && echo "GRANT ALL ON *.* TO root@'%' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';" >>/run/begin.sql \\
  && exec mariadbd --user=mysql --bind-address=0.0.0.0 --init-file=/run/begin.sql
`;

const copying = `FROM debian:12-slim
RUN apt-get update \\
  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libatomic1 rsync ca-certificates \\
  && rm -rf /var/lib/apt/lists/*
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
`;

/** The folder of the machine's own npm. */
const npmFolder = async (): Promise<string> => {
  const { stdout } = await execa('npm', ['prefix', '--global']);
  return realpathSync(join(stdout.trim(), 'lib/node_modules/npm'));
};

const build = (name: string, folder: string, input: string) =>
  execa('docker', ['build', '--quiet', '--network', 'host', '--tag', name, '--file', '-', folder], { input });

const imageExists = async (name: string): Promise<boolean> =>
  (await execa('docker', ['image', 'inspect', name], { reject: false })).exitCode === 0;

/** Builds the images that the examples' jobs name: Node's, MySQL's and the job image. Existing Node and MySQL images are kept. */
export const makeRunnerImages = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'images-'));
  try {
    await build(waitHelperImage, folder, waiting);
    if (!(await imageExists('mysql:8'))) await build('mysql:8', folder, mysql);
    cpSync(process.execPath, join(folder, 'node'));
    cpSync(await npmFolder(), join(folder, 'npm'), { recursive: true });
    await build(copyHelperImage, folder, copying);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (!(await imageExists('node:24'))) await execa('docker', ['tag', copyHelperImage, 'node:24']);
  await execa('docker', ['tag', jobImage, 'registry.example.com/tools/dokku-deploy/dokku-deployer:1']);
};
