import { expect, test } from 'vitest';
import { aShop } from '../support/shop.ts';
import { connectTo, runOver } from '../support/ssh.ts';

test('an app that an operator has stopped is started by the next deploy, although the commit is the same', async () => {
  await using shop = await aShop();
  await shop.deploy('production', 'a page');
  const client = await connectTo(shop.sandbox);
  expect((await runOver(client, 'ps:stop shop')).exit).toBe(0);
  expect((await runOver(client, 'ps:report shop --running')).stdout).toBe('false\n');
  client.end();
  const { exit, stderr } = await shop.run('deploy production');
  expect([exit, exit === 0 ? '' : stderr]).toEqual([0, '']);
  expect(await shop.page('shop')).toBe('a page');
});
