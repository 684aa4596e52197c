import { describe, expect, test } from 'vitest';
import { chooseSigningMethod, listSigningCommands, type ReleasedImages } from '../../scripts/signing.ts';

const name = 'registry.example.com/tools/dokku-deploy/dokku-deployer';
const digest = (digit: string) => `${name}@sha256:${digit.repeat(64)}`;
const images: ReleasedImages = {
  image: digest('a'),
  parts: [
    { arch: 'x64', image: digest('b') },
    { arch: 'arm64', image: digest('c') },
  ],
};

describe('a release is signed', () => {
  test('with a key if there is one, else with the identity of the job where that is accepted', () => {
    const token = { SIGSTORE_ID_TOKEN: 'e30' };
    expect([
      chooseSigningMethod({ COSIGN_PRIVATE_KEY: 'key', CI_SERVER_HOST: 'gitlab.com', ...token }),
      chooseSigningMethod({ CI_SERVER_HOST: 'gitlab.com', ...token }),
      chooseSigningMethod({ CI_SERVER_HOST: 'gitlab.example.com', ...token }),
      chooseSigningMethod({ CI_SERVER_HOST: 'gitlab.example.com', DOKKU_DEPLOY_KEYLESS: 'true', ...token }),
      chooseSigningMethod({ CI_SERVER_HOST: 'gitlab.com' }),
      chooseSigningMethod({ COSIGN_PRIVATE_KEY: '' }),
    ]).toEqual(['key', 'keyless', 'none', 'keyless', 'none', 'none']);
  });

  test('by digest: every image, the SBOM of each architecture, and the checksums', () => {
    const commands = listSigningCommands(images, 'keyless').map((args) => args.join(' '));
    expect(commands).toEqual([
      `sign --yes ${digest('a')}`,
      `sign --yes ${digest('b')}`,
      `sign --yes ${digest('c')}`,
      `attest --yes --type cyclonedx --predicate dist/dokku-deployer-x64.cdx.json ${digest('b')}`,
      `attest --yes --type cyclonedx --predicate dist/dokku-deployer-arm64.cdx.json ${digest('c')}`,
      'sign-blob --yes --bundle dist/SHA256SUMS.bundle dist/SHA256SUMS',
    ]);
  });

  test('with the key from the environment, never as an argument, and without the public log', () => {
    for (const args of listSigningCommands(images, 'key'))
      expect(args.join(' ')).toContain('--yes --key env://COSIGN_PRIVATE_KEY --tlog-upload=false');
  });
});
