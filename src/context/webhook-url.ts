import { decodePercent, minSecretLength, Secret } from '../secret.ts';

/**
 * Reads the URL of a webhook as a secret of that name; `parts` are the pieces of it to mask too. Returns undefined for
 * text that isn't an http or https URL.
 */
export function readWebhookUrl(
  text: string,
  name: string,
): { readonly url: Secret; readonly parts: readonly Secret[] } | undefined {
  const url = URL.parse(text.trim());
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  return {
    url: new Secret(name, text.trim()),
    parts: [...new Set(findSensitiveParts(url))].map((part) => new Secret(name, part)),
  };
}

// Shorter parts are words like /hooks, which any log line may contain.
const minPartLength = 16;

/** Returns the parts of a URL that let someone post: path, query, password, and each long part, since servers repeat them. */
function findSensitiveParts(url: URL): string[] {
  const parts = [...url.pathname.split('/'), ...url.searchParams.values()];
  const whole = [url.pathname, `${url.pathname}${url.search}`, url.password];
  const sensitive = [
    ...whole.filter((part) => part.length >= minSecretLength),
    ...parts.filter((part) => part.length >= minPartLength),
  ];
  return [url.href, ...sensitive, ...sensitive.map(decodePercent)];
}
