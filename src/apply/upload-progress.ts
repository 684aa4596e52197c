import type { OpenArchive } from '../images/archive.ts';
import type { DeployOptions } from './deploy-types.ts';

/** A file that is being sent. */
export interface Upload extends Pick<OpenArchive, 'bytesRead'> {
  /** Its size in bytes. */
  readonly total: number;
}

/** Milliseconds between two lines. */
const interval = 10_000;

/** Logs the progress of an upload every ten seconds until it is complete or the result is disposed. */
export function reportUpload(
  upload: Upload,
  { now, onWait }: Pick<DeployOptions, 'now' | 'onWait'>,
): Disposable {
  const startedAt = now();
  const timer = setInterval(() => {
    const sent = upload.bytesRead();
    if (sent < upload.total) onWait(describeUpload(sent, upload.total, now() - startedAt));
    else clearInterval(timer);
  }, interval);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Returns `sent 12 of 182 MB, 1.2 MB/s, 142 s left`. `took`: milliseconds. */
export function describeUpload(sent: number, total: number, took: number): string {
  const rate = sent / Math.max(took, 1);
  const left = rate === 0 ? '' : `, ${Math.ceil((total - sent) / rate / 1_000)} s left`;
  return `sent ${toMegabytes(sent)} of ${toMegabytes(total)} MB, ${(rate / 1_000).toFixed(1)} MB/s${left}`;
}

function toMegabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);
}
