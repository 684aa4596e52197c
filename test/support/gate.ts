import { findGrants, type Grants } from '../../src/gate/grants.ts';
import type { Identity } from '../../src/gate/identity.ts';
import { type Policy, parsePolicy } from '../../src/gate/policy.ts';

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
