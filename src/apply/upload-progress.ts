import type { Upload } from '../source/push-pack.ts';
import type { DeployOptions } from './deploy-types.ts';

/** Milliseconds between two frames on a terminal, and between two lines in the log. */
const frameInterval = 1_000;
const lineInterval = 10_000;

/** Shows the progress of an upload, and logs it every ten seconds, until it is complete or the result is disposed. */
export function reportUpload(
  upload: Upload,
  { now, onWait, onProgress }: Pick<DeployOptions, 'now' | 'onWait' | 'onProgress'>,
): Disposable {
  const startedAt = now();
  let loggedAt = startedAt;
  let total: number | undefined;
  let isAsked = false;
  const show = async (): Promise<void> => {
    const [sent, at] = [upload.sent(), now()];
    if (upload.isComplete()) {
      clearInterval(timer);
      onProgress(undefined);
      return;
    }
    const text = describeUpload(sent, total, at - startedAt);
    onProgress(text);
    if (at - loggedAt >= lineInterval) {
      loggedAt = at;
      onWait(text);
    }
    if (isAsked) return;
    // A small upload ends before this, and finding out the size may take git a while.
    isAsked = true;
    total = await upload.total().catch(() => undefined);
  };
  const timer = setInterval(() => void show(), frameInterval);
  timer.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      onProgress(undefined);
    },
  };
}

/**
 * Returns `sent 12 of 182 MB, 1.2 MB/s, 142 s left`. `total` is an estimate, or unknown. `took`: milliseconds.
 */
export function describeUpload(sent: number, total: number | undefined, took: number): string {
  const rate = sent / Math.max(took, 1);
  const speed = `${(rate / 1_000).toFixed(1)} MB/s`;
  if (total === undefined || total < sent) return `sent ${toMegabytes(sent)} MB, ${speed}`;
  const left = rate === 0 ? '' : `, ${Math.ceil((total - sent) / rate / 1_000)} s left`;
  return `sent ${toMegabytes(sent)} of ${toMegabytes(total)} MB, ${speed}${left}`;
}

function toMegabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);
}
