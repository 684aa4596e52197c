import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import type { Release } from './release.ts';

/** Uploads a file to the generic package of a release. Throws if the registry refuses it. */
export async function upload(path: string, { packages, token }: Release): Promise<void> {
  const url = `${packages}/${basename(path)}`;
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'JOB-TOKEN': token },
    body: await openAsBlob(path),
  });
  if (!answer.ok) throw new Error(`PUT ${url} failed: ${answer.status} ${await answer.text()}`);
  process.stdout.write(`${url}\n`);
}
