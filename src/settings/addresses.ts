/** What is wrong with an address, and what to write instead. */
export interface AddressProblem {
  readonly message: string;
  readonly remedy: string;
}

/**
 * Returns an IP address, or a network in CIDR notation, in its usual form, or what is wrong with it. nginx refuses any other text,
 * and with it the configuration of all apps of the host (facts-2, F29).
 */
export function readAddress(text: string): string | AddressProblem {
  const [address = '', bits, ...rest] = text.trim().split('/');
  const bytes = readIpv4(address) ?? readIpv6(address);
  if (!bytes || rest.length > 0) return notAnAddress;
  const form = bytes.length === 4 ? bytes.join('.') : formatIpv6(address);
  if (bits === undefined) return form;
  const length = bytes.length * 8;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > length) {
    return {
      message: `has no prefix length from 0 to ${length} after the slash`,
      remedy: `Write the address alone, or a network such as ${length === 32 ? '10.0.0.0/8' : '2001:db8::/32'}.`,
    };
  }
  const network = maskBytes(bytes, Number(bits));
  if (network.join() === bytes.join()) return `${form}/${Number(bits)}`;
  const right = length === 32 ? network.join('.') : formatIpv6(toIpv6(network));
  return {
    message: 'is an address inside of a network',
    remedy: `Write the network, ${right}/${Number(bits)}, or the address without the prefix length.`,
  };
}

const notAnAddress: AddressProblem = {
  message: 'is not an IP address',
  remedy: 'Write an address (192.0.2.1, 2001:db8::1) or a network (10.0.0.0/8). Names are not looked up.',
};

function readIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  const isAddress = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part));
  const bytes = parts.map(Number);
  return isAddress && bytes.every((byte) => byte < 256) ? bytes : undefined;
}

/** Returns the 16 bytes of an address, which a URL brings into its usual form. */
function readIpv6(text: string): number[] | undefined {
  if (!text.includes(':') || !/^[0-9a-f:.]+$/i.test(text) || !URL.canParse(`http://[${text}]/`))
    return undefined;
  const [head = '', tail] = formatIpv6(text).split('::');
  const toGroups = (part: string) => part.split(':').filter((group) => group !== '');
  const [before, after] = [toGroups(head), toGroups(tail ?? '')];
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return groups.flatMap((group) => {
    const number = Number.parseInt(group, 16);
    return [number >> 8, number & 0xff];
  });
}

function formatIpv6(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

function toIpv6(bytes: readonly number[]): string {
  const groups = bytes.flatMap((byte, index) =>
    index % 2 === 0 ? [((byte << 8) | (bytes[index + 1] ?? 0)).toString(16)] : [],
  );
  return groups.join(':');
}

function maskBytes(bytes: readonly number[], bits: number): number[] {
  return bytes.map((byte, index) => {
    const kept = Math.min(Math.max(bits - index * 8, 0), 8);
    return byte & (0xff << (8 - kept)) & 0xff;
  });
}
