import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settings } from '../../src/settings/settings.ts';
import { aCertificate } from '../support/certificates.ts';
import { generousRules, shopRules } from '../support/gate.ts';
import { aGateJob, type GateJob } from '../support/gate-job.ts';
import { runOver } from '../support/ssh.ts';

/** All keys of the declared environment. */
const yml = `
probe: false
proxy: nginx
domains: [shop.example.com]
git: {keep_git_dir: true}
paths: {app_json: deploy/app.json}
builder: herokuish
buildpacks: [heroku/nodejs]
scheduler: docker-local
registry: {server: registry.example.com, image_repo: group/shop, push_on_release: false}
resources: {memory: 256, reserve: {memory: 64}}
storage: [{name: shop-uploads, mount: /app/uploads}]
network: {attach_post_create: shop-net}
docker_options: {deploy: [--shm-size=256m]}
ports: ["http:80:5000", "http:8080:5000"]
scale: {web: 2}
checks: {wait_to_retire: 5}
restart: {policy: on-failure:20}
tls: {certificate: $TLS_CERT, key: $TLS_KEY}
basic_auth: {user: team, password: $PASSWORD}
allowed_ips: [10.0.0.0/8]
nginx: {client-max-body-size: 50m, x-forwarded-for-value: $$http_x_real_ip}
maintenance: true
`;
const { certificate, key } = aCertificate(['shop.example.com']);
const env = { TLS_CERT: certificate, TLS_KEY: key, PASSWORD: "it's $(secret) for all" };
const production = { ref: 'main', ref_protected: 'true', environment: 'production' };

let job: GateJob;

beforeAll(async () => {
  job = await aGateJob(generousRules, { services: [] });
});
afterAll(() => job[Symbol.asyncDispose]());

const deploy = (text: string) => {
  job.repository.commit({ '.dokku-deploy.yml': text, 'index.html': 'hello', 'deploy/app.json': '{}' });
  return job.run('deploy production', production, env);
};
const shop = () => job.gate.sandbox.state.apps.get('shop');
const refused = () => job.gate.audit().filter(({ event }) => event === 'refused' || event === 'failed');

describe('a job behind a gate', () => {
  test('sets every declared setting that the policy grants, and takes it back', async () => {
    const { exit, stderr } = await deploy(yml);
    expect(settings.map(({ key: name }) => name).filter((name) => !yml.includes(`\n${name}:`))).toEqual([]);
    expect([exit, exit === 0 ? '' : stderr]).toEqual([0, '']);
    expect(shop()?.domains).toEqual(['shop.example.com']);
    expect(shop()?.mounts.length).toBe(1);
    expect(shop()?.ports).toContain('http:8080:5000');
    expect(refused()).toEqual([]);
    expect(JSON.stringify(job.gate.audit())).not.toContain('for all');
    const again = await deploy('probe: false\n');
    expect([again.exit, again.exit === 0 ? '' : again.stderr]).toEqual([0, '']);
    expect(shop()?.domains).toEqual(['shop.localhost']);
    expect(shop()?.mounts).toEqual([]);
    expect(refused()).toEqual([]);
  });

  test('is refused by name what the policy does not grant, and the rest of the host stays as it is', async () => {
    job.gate.reload(shopRules);
    await job.gate.audited(({ event }) => event === 'reloaded');
    const { exit, stderr } = await deploy('probe: false\nresources: {memory: 128}\n');
    expect(exit).toBe(4);
    expect(stderr).toContain('refused: the policy does not grant the setting resources for shop');
  });

  test('does not get the domain of another app, although the policy lists a pattern', async () => {
    job.gate.reload(generousRules);
    await job.gate.audited(({ event }) => event === 'reloaded');
    const { client } = job.operator;
    for (const line of ['apps:create blog', 'domains:set blog www.example.com']) await runOver(client, line);
    const { exit, stderr } = await deploy('probe: false\ndomains: [www.example.com]\n');
    expect(exit).toBe(4);
    expect(stderr).toContain('refused: another app has the domain www.example.com');
    expect(stderr).not.toContain('blog');
    expect(shop()?.domains).toEqual(['shop.localhost']);
  });
});
