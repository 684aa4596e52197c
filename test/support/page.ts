import { request } from 'node:http';

/** Fetches a page from a sandbox. Connects to loopback and sends the URL's name as the Host header, so that it need not resolve. */
export const fetchPage = (url: string): Promise<string> => {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, path: pathname, headers: { host: `${hostname}:${port}` } },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve(text));
      },
    );
    asking.on('error', reject);
    asking.end();
  });
};
