import { expect, test } from 'vitest';
import { lookUpPace } from '../../sandbox/pace.ts';

test.each([
  ['apps:create shop', 3_900],
  ['mysql:create shop-database', 1_900],
  ['mysql:link shop-database shop --no-restart', 350],
  ['--quiet config:import --format json shop -', 104],
  ['config:export --format json shop', 40],
  ['urls shop', 1_033],
  ['ps:report shop --running', 304],
  ['ps:report shop --format json', 556],
  ['domains:report shop --domains-app-vhosts', 40],
  ['domains:report shop --format json', 106],
  ['run shop true', 1_519],
  ['run:list shop', 40],
])('%s takes as long as on the recorded host', (line, milliseconds) => {
  expect(lookUpPace(line)).toBe(milliseconds);
});
