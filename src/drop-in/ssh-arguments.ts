/** What the arguments of `ssh` in a hook ask for: a command on a host, or the reason why they are refused. */
export type SshRequest =
  | { readonly host: string; readonly port: number | undefined; readonly line: string }
  | { readonly refused: string };

/** The options of ssh that take a value, and are ignored. */
const valued = new Set(['-o', '-i', '-l', '-F', '-E', '-b', '-c', '-m', '-e', '-B', '-P', '-S', '-I']);
const forwarding = /^-[DJLRWNAXYwfsM]/;

/** Reads the arguments of `ssh [options] destination [--] command…`. A command's words are joined, as ssh does. */
export function readSshArguments(args: readonly string[]): SshRequest {
  const words = [...args];
  let port: string | undefined;
  let destination: string | undefined;
  // Options may also follow the destination.
  while (words[0]?.startsWith('-') || destination === undefined) {
    const word = words.shift();
    if (word === undefined) return { refused: 'no host is named' };
    if (word === '--') {
      if (destination === undefined) destination = words.shift();
      break;
    }
    if (!word.startsWith('-')) destination = word;
    else if (word.startsWith('-p')) port = word.slice(2) || words.shift();
    else if (forwarding.test(word)) return { refused: `${word} is not supported in a hook` };
    else if (valued.has(word)) words.shift();
  }
  if (words[0] === '--') words.shift();
  return buildRequest(destination ?? '', port, words);
}

const destinationPattern =
  /^(?:ssh:\/\/)?(?:[^@/\s]+@)?(?:\[(?<ip>[^\]]+)\]|(?<name>[^:/\s@]+))(?::(?<port>\d+))?\/?$/;

function buildRequest(destination: string, port: string | undefined, words: readonly string[]): SshRequest {
  const { ip, name, port: named } = destinationPattern.exec(destination)?.groups ?? {};
  const host = ip ?? name;
  if (host === undefined) return { refused: `${JSON.stringify(destination)} is not a host` };
  if (words.length === 0) return { refused: 'a hook has no terminal: name a command' };
  const number = Number(named ?? port ?? Number.NaN);
  return { host, port: Number.isNaN(number) ? undefined : number, line: words.join(' ') };
}
