import { randomBytes } from 'node:crypto';
import { ownProperty } from './app-properties.ts';
import type { App, Container, Retired, SandboxState } from './state.ts';

export interface Replacement {
  readonly container: Container;
  readonly dueAt: number;
}

/**
 * Registers a container that a deploy has replaced, like Dokku's `scheduler-register-retired`. If it was started from
 * another image than the app is deployed from now, that image is registered too.
 */
export function retireContainer(state: SandboxState, app: App, { container, dueAt }: Replacement): void {
  register(app, { kind: 'container', id: container.id, dueAt });
  const { sourceImage } = container;
  if (sourceImage === '' || sourceImage === ownProperty(app, 'git', 'source-image')) return;
  const image = state.images.get(sourceImage);
  if (image) register(app, { kind: 'image', id: image.id, dueAt });
}

function register(app: App, retired: Retired): void {
  if (!app.retired.some(({ id }) => id === retired.id)) app.retired.push(retired);
}

/** Removes what is due and returns the lines that Dokku prints about it. */
export function retireDue(state: SandboxState, app: App, now: number): string[] {
  const due = app.retired.filter(({ dueAt }) => dueAt < now);
  app.retired = app.retired.filter((one) => !due.includes(one));
  for (const { id } of due) {
    removeImage(state, id);
    for (const [name, container] of app.named) if (container.id === id) app.named.delete(name);
  }
  const byKind = (wanted: Retired['kind']) => due.filter(({ kind }) => kind === wanted);
  return [...byKind('container'), ...byKind('image')].map(
    ({ kind, id }) => `       Attempting to retire ${app.name} ${kind} ${id}`,
  );
}

/** Docker keeps an image that a container of another app still uses. */
function removeImage({ apps, images }: SandboxState, id: string): void {
  for (const [name, image] of images) {
    const isUsed = [...apps.values()].some((app) =>
      app.containers.some(({ sourceImage }) => sourceImage === name),
    );
    if (image.id === id && !isUsed) images.delete(name);
  }
}

/** Returns a new id for an image. */
export function createImageId(): string {
  return randomBytes(32).toString('hex');
}
