import type { Context } from '../context/context.ts';
import type { StepShipment } from './plan.ts';

/** Returns what a deploy step ships. */
export function stepShipment({ shipment }: Context): StepShipment {
  return shipment.kind === 'commit' ? shipment : { kind: 'image', image: shipment.image };
}

/** Names what is shipped in a title: `0123abcd`, or `registry.test/shop@sha256:0123456789ab (0123abcd)`. */
export function describeShipment({ shipment, source }: Context): string {
  const commit = source.commit?.slice(0, 8) ?? 'HEAD';
  return shipment.kind === 'commit' ? commit : `${shortenImage(shipment.image)} (${commit})`;
}

/** Shortens the digest in an image's name. */
export function shortenImage(image: string): string {
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}
