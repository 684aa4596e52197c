import type { Context } from '../context/context.ts';
import type { StepShipment } from './plan.ts';

/** Returns what a deploy step ships. Throws for an archive that has not been read: a bug. */
export function stepShipment({ shipment }: Context): StepShipment {
  switch (shipment.kind) {
    case 'commit':
      return shipment;
    case 'image':
      return { kind: 'image', image: shipment.image };
    case 'image-archive':
      if (!shipment.archive) throw new Error(`the archive ${shipment.path} has not been read`);
      return { kind: 'image-archive', path: shipment.path, ...shipment.archive };
  }
}

/** Names what is shipped in a title: `0123abcd`, or `registry.test/shop@sha256:0123456789ab (0123abcd)`. */
export function describeShipment({ shipment, source }: Context): string {
  const commit = source.commit?.slice(0, 8) ?? 'HEAD';
  if (shipment.kind === 'commit') return commit;
  return `${shipment.kind === 'image' ? shortenImage(shipment.image) : shipment.path} (${commit})`;
}

/** Shortens the digest or the id in an image's name. */
export function shortenImage(image: string): string {
  return image.replace(/((?:@sha256)?:[0-9a-f]{12})[0-9a-f]{52}$/, '$1');
}
