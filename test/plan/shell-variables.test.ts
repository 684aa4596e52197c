import { expect, test } from 'vitest';
import { nameShellVariables } from '../../src/plan/shell-variables.ts';

test('each secret has its own variable, which is none of the shell’s', () => {
  const secrets = [
    'config.API_TOKEN',
    'config.PATH',
    'config.LD_PRELOAD',
    'generated.API_TOKEN',
    'service.shop-db.API_TOKEN',
    'service.shop_db.API_TOKEN',
    'registry.password',
    'config.DOKKU_HOST',
  ];
  expect([...nameShellVariables(secrets).values()]).toEqual([
    'API_TOKEN',
    'CONFIG_PATH',
    'CONFIG_LD_PRELOAD',
    'GENERATED_API_TOKEN',
    'SERVICE_SHOP_DB_API_TOKEN',
    'SERVICE_SHOP_DB_API_TOKEN_5',
    'REGISTRY_PASSWORD',
    'CONFIG_DOKKU_HOST',
  ]);
});
