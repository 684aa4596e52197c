/** Returns the blob of a public key of a type, with this content (RFC 4253, section 6.6). */
export const aHostKey = (type: string, content: string): Buffer =>
  Buffer.concat([type, content.repeat(8)].map(encodeField));

const encodeField = (text: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, Buffer.from(text)]);
};
