import { describe, expect, test } from 'vitest';
import { contextOf } from '../support/job-context.ts';

const production = { command: 'deploy', flags: { environment: 'production' } } as const;
const warningsOf = async (yml: string) => {
  const { warnings } = await contextOf({ ...production, files: { yml } });
  return warnings.map(({ about, message }) => `${about}: ${message}`);
};

describe('ports', () => {
  test.each(['https:443:5000', 'grpcs:8443:5000'])(
    'warns that nothing is served on %s without a certificate, and what to do',
    async (map) => {
      const warnings = await warningsOf(`ports: ["http:80:5000", "${map}"]`);
      expect(warnings).toEqual([
        `.dokku-deploy.yml: ports: without a certificate, nothing is served on ${map}: declare one with tls, or remove the mapping`,
      ]);
      expect(await warningsOf(`ports: ["${map}"]\ntls: none`)).toHaveLength(1);
    },
  );

  test.each(['ports: ["http:80:5000"]', 'ports: ["https:443:5000"]\ntls: letsencrypt'])(
    'warns about nothing in %j',
    async (yml) => {
      expect(await warningsOf(yml)).toEqual([]);
    },
  );
});
