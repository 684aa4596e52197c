import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchPage } from '../support/page.ts';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
});

afterAll(() => shop[Symbol.asyncDispose]());

const declare = (yml: string): void => writeFileSync(join(shop.repository.folder, '.dokku-deploy.yml'), yml);

/** Commits and deploys a page whose release adds a line to a file in the folder `kept`, and shows the file. Returns its lines. */
const deploy = async (text: string): Promise<string> => {
  const scripts = {
    dokku: { predeploy: `mkdir -p kept; echo ${text} >> kept/log.txt; cp kept/log.txt shown.txt` },
  };
  shop.repository.commit({ 'index.html': text, 'app.json': JSON.stringify({ scripts }) });
  const { exit, stderr } = await shop.run('deploy production');
  expect([exit, exit === 0 ? '' : stderr]).toEqual([0, '']);
  return fetchPage(`http://shop.localhost:${shop.sandbox.webPort}/shown.txt`);
};

const sent = (from: number): string[] => shop.sandbox.journal.commands.slice(from).map(({ line }) => line);

test('what an app keeps in its storage outlives its deploys, and stays on the host once it is no longer mounted', async () => {
  declare('environments: {production: {storage: [{name: $APP-kept, mount: /app/kept}]}}\n');
  expect(await deploy('one')).toBe('one\n');
  expect(await deploy('two')).toBe('one\ntwo\n');
  declare('environments: {production: {}}\n');
  expect(await deploy('three')).toBe('three\n');
  declare('environments: {production: {storage: [{name: $APP-kept, mount: /app/kept}]}}\n');
  expect(await deploy('four')).toBe('one\ntwo\nfour\n');
});

test('limits and options are set before the deploy that they are for, which runs although the commit is the same', async () => {
  const declared = 'resources: {web: {memory: 256}}\ndocker_options: {deploy: [--init]}\n';
  declare(`environments: {production: {}}\n${declared}`);
  const from = shop.sandbox.journal.commands.length;
  expect((await shop.run('deploy production')).exit).toBe(0);
  const lines = sent(from);
  const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
  expect(at(/^resource:limit --memory 256 --process-type web shop/)).toBeGreaterThan(-1);
  expect(at(/^docker-options:add shop deploy --init/)).toBeGreaterThan(-1);
  expect(at(/^ps:rebuild shop/)).toBeGreaterThan(at(/^docker-options:add/));
  const again = shop.sandbox.journal.commands.length;
  expect((await shop.run('deploy production')).exit).toBe(0);
  expect(sent(again).filter((line) => /resource|docker-options|storage|rebuild/.test(line))).toEqual([]);
});

test('a limit that Docker would refuse never reaches the host', async () => {
  declare('environments: {production: {}}\nresources: {memory: 2}\nstorage: [{name: a, mount: up}]\n');
  const from = shop.sandbox.journal.commands.length;
  const { exit, stderr } = await shop.run('deploy production');
  expect(exit).toBe(2);
  expect(stderr).toContain('"2" is less than 6 MB, which Docker refuses');
  expect(stderr).toContain('"up" is not an absolute path');
  expect(sent(from)).toEqual([]);
});
