import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { aRepository, type TestRepository } from './repository.ts';

const server = `const { readFileSync } = require('node:fs');
require('node:http')
  .createServer((_, answer) => answer.end('version ' + readFileSync(__dirname + '/log.txt', 'utf8')))
  .listen(process.env.PORT);
`;

const branch = 'feature/Ajout-du-prénom_2';
const longBranch = 'feature/JIRA-123-refonte-complete-du-tunnel-de-commande-client-puis-du-paiements';

/** The project of the recorded jobs, with the same branches, tags and file names. Its main branch has 60 commits. */
export const aJobOrigin = (): TestRepository => {
  const origin = aRepository('main');
  const files = {
    '.gitignore': 'node_modules/\ndokku-deploy.env\ndeploy.json\n',
    Dockerfile: 'FROM node:26-slim\nCOPY . .\nCMD ["node", "src/server.js"]\n',
    Procfile: 'web: node src/server.js\n',
    'app.json': '{"scripts": {"dokku": {"postdeploy": "bin/migrate"}}}\n',
    'bin/migrate': '#!/bin/sh\necho migrated\n',
    'src/server.js': server,
  };
  mkdirSync(join(origin.folder, 'bin'));
  symlinkSync('src/server.js', join(origin.folder, 'main.js'));
  origin.commit({ ...files, 'src/log.txt': '1' });
  chmodSync(join(origin.folder, 'bin', 'migrate'), 0o755);
  for (let number = 2; number <= 60; number += 1) {
    origin.commit({ 'src/log.txt': String(number) });
    if (number === 50) origin.git('tag', 'v1.3.0');
  }
  origin.git('tag', '--annotate', '--message=A release', 'v1.4.0');
  origin.git('checkout', '--quiet', '-b', branch);
  origin.commit({ 'src/log.txt': '61', 'src/prénom.txt': 'Zoé\n' });
  origin.git('checkout', '--quiet', '-b', longBranch);
  origin.commit({ 'src/log.txt': '62', 'src/x': '' });
  return origin;
};
