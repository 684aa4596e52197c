import { expect, test } from 'vitest';
import { readJobInput } from '../../src/environment/job-input.ts';
import { createMaskedOutput } from '../../src/run/masked-output.ts';
import { Secret } from '../../src/secret.ts';
import { collect } from '../support/world.ts';

const maskedOutput = async (env: Readonly<Record<string, string>>) => {
  const [stdout, stderr] = [collect(), collect()];
  const output = createMaskedOutput({ stdout, stderr }, await readJobInput({ env, cwd: '/nowhere' }));
  return { output, stdout, stderr };
};

test('a command that only prints masks declared secrets on both streams', async () => {
  const { output, stdout, stderr } = await maskedOutput({ GITLAB_TOKEN: 'glpat-0123456789' });
  output.stdout.write('the token is glpat-0123456789\n');
  output.stderr.write('refused: glpat-0123456789\n');
  expect([stdout.text(), stderr.text()]).toEqual([
    'the token is [GITLAB_TOKEN]\n',
    'refused: [GITLAB_TOKEN]\n',
  ]);
  expect(output.mask('glpat-0123456789')).toBe('[GITLAB_TOKEN]');
});

test('a secret that is added later is masked from then on, and the declared ones keep their names', async () => {
  const { output, stdout } = await maskedOutput({ GITLAB_TOKEN: 'glpat-0123456789' });
  output.stdout.write('a-later-secret\n');
  output.addSecrets([
    new Secret('config.KEY', 'a-later-secret'),
    new Secret('config.TOKEN', 'glpat-0123456789'),
  ]);
  output.stdout.write('a-later-secret glpat-0123456789\n');
  expect(stdout.text()).toBe('a-later-secret\n[config.KEY] [GITLAB_TOKEN]\n');
});

test('a secret that is written in two halves is masked, and a last line without a newline is written at the end', async () => {
  const { output, stdout } = await maskedOutput({ GITLAB_TOKEN: 'glpat-0123456789' });
  output.stdout.write('glpat-');
  output.stdout.write('0123456789');
  expect(stdout.text()).toBe('');
  output[Symbol.dispose]();
  expect(stdout.text()).toBe('[GITLAB_TOKEN]');
});
