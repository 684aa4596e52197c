import type { Procfile } from './procfile.ts';
import type { App } from './state.ts';

/** The numbers of processes by type, in the order in which Dokku reads them. */
export function formationsOf({ scale, oldScale }: App): [type: string, quantity: number][] {
  return [...oldScale, ...scale].sort(([a], [b]) => (a < b ? -1 : 1));
}

export interface ScaleUpdate {
  readonly quantities: ReadonlyMap<string, number>;
  readonly procfile: Procfile | undefined;
  /** Whether types that are not named lose their number. */
  readonly clear?: boolean;
}

/**
 * Stores numbers of processes as Dokku's `updateScale` does, and gives each new type of the Procfile a zero. A zero of a
 * type that is not in the Procfile is only kept until the next update or deploy. Returns why they are refused, if they are.
 */
export function updateScale(
  app: App,
  { quantities, procfile, clear = false }: ScaleUpdate,
): string | undefined {
  const types = procfile ? [...procfile.keys()].filter((type) => type !== 'release') : [];
  const unknown = [...quantities].find(
    ([type, quantity]) => procfile && quantity !== 0 && !types.includes(type),
  );
  if (unknown) return `${unknown[0]} is not a valid process name to scale up`;
  const zeros = types.map((type) => [type, 0] as const);
  const all = new Map([...zeros, ...(clear ? [] : app.scale), ...quantities]);
  const isOld = ([type, quantity]: readonly [string, number]) => quantity === 0 && !types.includes(type);
  replace(app.oldScale, [...all].filter(isOld));
  replace(
    app.scale,
    [...all].filter((entry) => !isOld(entry)),
  );
  return undefined;
}

function replace(scale: Map<string, number>, entries: readonly (readonly [string, number])[]): void {
  scale.clear();
  for (const [type, quantity] of entries) scale.set(type, quantity);
}
