import type { Resolver } from './resolver.ts';
import type { Configuration, EnvironmentBlock } from './schema.ts';

/**
 * Adds a problem for each domain that another environment of the file has, too, on the same host: nginx would serve one of them. A
 * domain with a variable, and a block for several environments (`production/*`), may mean another one for each app.
 */
export function checkSharedDomains(
  { environments = {}, ...top }: Configuration,
  block: EnvironmentBlock,
  { path, problems }: Pick<Resolver, 'path' | 'problems'>,
): void {
  const own = Object.entries(environments).find(([, other]) => other === block);
  if (own === undefined) return;
  const declared = listDomains(block, top);
  for (const [name, other] of Object.entries(environments)) {
    const isElsewhere = (other.host ?? top.host) !== (block.host ?? top.host);
    if (other === block || name.includes('*') || own[0].includes('*') || isElsewhere) continue;
    const shared = listDomains(other, top).find((domain) => declared.includes(domain));
    if (shared === undefined) continue;
    problems.push({
      where: `${path}: environments.${own[0]}.domains`,
      message: `${shared} is a domain of ${name}, too: nginx would serve only one of the apps`,
      remedy: 'Declare the domains of each environment in its own block.',
    });
  }
}

function listDomains(block: object, top: object): string[] {
  const { domains = (top as { domains?: unknown }).domains } = block as { domains?: unknown };
  const texts = Array.isArray(domains) ? domains.map((domain) => String(domain).toLowerCase()) : [];
  return texts.filter((domain) => !domain.includes('$'));
}
