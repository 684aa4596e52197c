import { checkAppName, deriveAppName } from '../context/name-rules.ts';

/**
 * Returns the name that the official image gives to the review app of a branch: `review-shop-my-branch`. One that Dokku
 * would not serve, because it has a dot or is too long, is changed and gets a hash of the branch.
 */
export function defaultReviewName(app: string, branch: string): string {
  const slug = branch.toLowerCase().replace(/[^a-z0-9.-]/g, '-');
  const name = `review-${app}-${slug}`;
  return checkAppName(name) === undefined ? name : deriveAppName(name, [app, branch]);
}
