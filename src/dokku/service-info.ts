/** What `X:info NAME` prints about a service, as far as it is needed. */
export interface ServiceInfo {
  /** The apps that it is linked to. */
  readonly links: readonly string[];
  /** Docker's state of the container, e.g. `running`; '' if the host does not print it. */
  readonly status: string;
  /** Whether a container was ever made for it. Its id is kept when the container is removed. */
  readonly hadContainer: boolean;
  /** Its password has not been written. That is among the first things that a create does, so it holds no data. */
  readonly lacksPassword: boolean;
}

/** Reads the table that `X:info NAME` prints. */
export function readServiceInfo(table: string): ServiceInfo {
  const row = (name: string) => new RegExp(`^\\s*${name}:[ \\t]*(.*?)[ \\t]*$`, 'm').exec(table)?.[1] ?? '';
  return {
    links: row('Links')
      .split(/\s+/)
      .filter((app) => app !== '' && app !== '-'),
    status: row('Status'),
    hadContainer: /^[0-9a-f]+$/.test(row('Id')),
    lacksPassword: /^[a-z][a-z0-9+.]*:\/\/[^:@/]*:@/i.test(row('Dsn')),
  };
}
