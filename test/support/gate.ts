import { findGrants, type Grants } from '../../src/gate/grants.ts';
import type { Identity } from '../../src/gate/identity.ts';
import { type Policy, parsePolicy } from '../../src/gate/policy.ts';
import { grantableSettings } from '../../src/gate/setting-names.ts';

/** The rules of the project `group/shop`. */
export const shopRules = `
  - path: group/shop
    id: 42
    review: {any_ref: true}
    environments:
      staging: {app: shop-staging, ref: main}
      production: {app: shop, protected: true, from: [staging]}
  - path: group/blog
    id: 43
    environments:
      production: {app: blog, ref: [main, release/*], tag: v*, services: ["mysql:old-blog"]}
`;

/** Reads a policy with these rules for projects. Throws for one with problems. */
export const aPolicy = (projects = shopRules): Policy => {
  const text = `host: {address: dokku.example.com, key: /k, known_hosts: /h}\nprojects:${projects}`;
  const read = parsePolicy({ path: 'policy.yml', text });
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.policy;
};

/** A job of the branch `my-branch` of `group/shop`. */
export const anIdentity = (more: Partial<Identity> = {}): Identity => ({
  projectId: '42',
  projectPath: 'group/shop',
  ref: 'my-branch',
  refKind: 'branch',
  isProtected: false,
  environment: undefined,
  job: '1001',
  user: 'ann',
  ...more,
});

/** What a job of `group/shop` may do. */
export const grantsOf = (more: Partial<Identity> = {}, policy: Policy = aPolicy()): Grants =>
  findGrants(policy, anIdentity(more));

/** A job of `group/shop` that deploys to production. */
export const production = { ref: 'main', isProtected: true, environment: 'production' };

/** The keys of a rule that grants every declared setting, and all that Docker and the host’s networks and entries can be asked for. */
export const everySetting = `settings: [default, ${grantableSettings
  .filter(({ grant }) => grant === 'explicit')
  .map(({ name }) => name)
  .join(
    ', ',
  )}], domains: ["*"], storage: ["*", /srv/conf, /srv/old], networks: ["*"], docker_options: ["*"], load_images: true`;

/** The project `group/shop`, whose jobs may do all of this. */
export const generousRules = `
  - path: group/shop
    id: 42
    inside: [review]
    review: {any_ref: true, ${everySetting}}
    environments: {production: {app: shop, protected: true, ${everySetting}}}
`;

/** What a hostile job would make of a line. */
export const mutations: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.replace(/^(\S+) (\S+)/, '$1 my-branch'),
  (line) => line.replace(/(\S+)$/, 'my-branch'),
  (line) => line.replaceAll(' ', '  '),
  (line) => line.replaceAll(' ', '\t'),
  (line) => `${line}\n`,
  (line) => `${line}\0`,
  (line) => `${line}; apps:destroy shop --force`,
  (line) => `${line}\napps:destroy shop --force`,
  (line) => line.replace(' ', " ''"),
  (line) => line.replace(' ', ' --app shop '),
  (line) => line.replace(' ', ' --global '),
  (line) => line.replace(' ', ' -- '),
  (line) => line.replace(' ', " '' "),
  (line) => line.replace(/(\S+)$/, "'$1'"),
  (line) => line.replace(/(\S+)$/, '"$1"'),
  (line) => line.replace(/(\S+)$/, "'$1'\\''shop'"),
  (line) => line.replace(/(\S+)$/, '$1\\'),
  (line) => line.replace(/(\S+)$/, "$1'"),
  (line) => line.replace(/(\S+)$/, "'$1 $1'"),
  (line) => line.replace(/(\S+)$/, '$1 blog'),
  (line) => line.replace(/-/g, '\u2010'),
  (line) => line.replace(/ /g, '\u00a0'),
  (line) => line.replace(/o/, '\u043e'),
  (line) => `--quiet ${line}`,
  (line) => `--trace ${line}`,
  (line) => `${line} --force`,
  (line) => `${line} --global`,
  (line) => `${line} -n`,
  (line) => `${line} --help`,
  (line) => `git ${line}`,
  (line) => `dokku ${line}`,
  (line) => line.replace(/^\S+/, 'git-receive-pack'),
  (line) => line.replace(/^\S+/, 'git:sync --build'),
  (line) => line.toUpperCase(),
];
