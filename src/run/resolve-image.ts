import type { Context, ImageShipment } from '../context/context.ts';
import { nameByDigest } from '../context/image-reference.ts';
import { DeployError } from '../errors.ts';
import { type Resolution, resolveDigest } from '../images/registry.ts';
import type { World } from '../world.ts';
import { sleepUntilStop } from './run-context.ts';

/**
 * Replaces the tag of the image to ship by the digest that it has in the registry now: Dokku compares names only. An image
 * that only the host may be able to pull keeps its name, with a warning.
 *
 * Throws `image-not-found` and `registry-refused`.
 */
export async function resolveImage(context: Context, { stop }: Pick<World, 'stop'>): Promise<Context> {
  const { shipment } = context;
  if (shipment.kind !== 'image') return context;
  const { reference, credentials } = shipment;
  const sleep = (milliseconds: number) => sleepUntilStop(milliseconds, stop);
  const resolution = await resolveDigest(reference, { credentials, stop, sleep });
  if (resolution.kind === 'found')
    return { ...context, shipment: { ...shipment, image: nameByDigest(reference, resolution.digest) } };
  refuse(shipment, resolution);
  const message = `${describeReason(shipment, resolution)}. The host pulls it by its name: new content under the same name is not noticed`;
  return { ...context, warnings: [...context.warnings, { about: shipment.image, message }] };
}

/** Throws if the registry certainly has no such image, or refuses it to the job's login: the host could not pull it either. */
function refuse({ image, reference, credentials }: ImageShipment, resolution: Resolution): void {
  if (resolution.kind === 'missing') {
    throw new DeployError('image-not-found', {
      message: `The registry ${reference.server} has no image ${image}.`,
      said: resolution.said,
      remedy: 'Check the name and the tag, and that the job which pushes the image runs before this one.',
    });
  }
  // Without credentials the host may know better: an operator may have logged it in.
  if (resolution.kind === 'denied' && credentials !== undefined) {
    throw new DeployError('registry-refused', {
      message: `The registry ${reference.server} refuses ${credentials.user} access to ${image}.`,
      said: resolution.said,
      remedy: `Check ${credentials.password.name}: it needs the scope read_registry for this project’s images.`,
    });
  }
}

function describeReason({ reference }: ImageShipment, resolution: Resolution): string {
  if (resolution.kind === 'unreachable')
    return `the job cannot reach the registry ${reference.server} (${resolution.reason})`;
  return `the registry ${reference.server} shows it to no one without a login, and the job has none`;
}
