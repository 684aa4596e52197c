import { writeFile } from 'node:fs/promises';

/** The result of a download: curl's exit code and output. */
export interface DownloadResult {
  readonly exit: number;
  readonly output: string;
}

/** Downloads an archive to a file. Returns curl's exit code and output. Only http and https are allowed. */
export async function download(url: string, file: string): Promise<DownloadResult> {
  // curl takes this for an option.
  if (url.startsWith('-')) {
    const output = `curl: option ${url}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information`;
    return { exit: 2, output };
  }
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    return { exit: 3, output: 'curl: (3) URL using bad/illegal format or missing URL' };
  }
  if (address.protocol !== 'http:' && address.protocol !== 'https:') {
    const scheme = address.protocol.slice(0, -1);
    return { exit: 1, output: `curl: (1) Protocol "${scheme}" not supported or disabled in libcurl` };
  }
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
    await writeFile(file, Buffer.from(await answer.arrayBuffer()));
    return { exit: 0, output: `\r${'#'.repeat(72)} 100.0%` };
  } catch {
    const port = address.port || (address.protocol === 'https:' ? '443' : '80');
    return {
      exit: 7,
      output: `curl: (7) Failed to connect to ${address.hostname} port ${port} after 0 ms: Couldn't connect to server`,
    };
  }
}
