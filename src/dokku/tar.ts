/** The size of a block of a tar archive, in bytes. */
const block = 512;

/** Returns a tar archive (POSIX ustar) of text files by name. Names are at most 100 ASCII characters. */
export function packTar(files: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    return [createHeader(name, content.length), content, Buffer.alloc(-content.length & (block - 1))];
  });
  return Buffer.concat([...entries, Buffer.alloc(2 * block)]);
}

/** A regular file that only its owner can read. Numbers are octal; fields that are left out are zero. */
function createHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(block);
  header.write(name, 0, 100, 'ascii');
  header.write('0000600\0', 100, 'ascii');
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'ascii');
  header.write('00000000000\0', 136, 'ascii');
  // The sum of all bytes, with spaces for the sum itself.
  header.fill(' ', 148, 156);
  header.write('0', 156, 'ascii');
  header.write('ustar\x0000', 257, 'ascii');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii');
  return header;
}
