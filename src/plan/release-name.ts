import { hostRevision, type Release } from './releases.ts';

type Shipped = Pick<Release, 'commit' | 'image' | 'revision'>;

/** Returns the short name of a release in a list: its commit, and what was deployed of it if others of the commit differ in that. */
export function nameRelease(release: Shipped, releases: readonly Shipped[]): string {
  const commit = release.commit.slice(0, 8);
  const own = hostRevision(release);
  const differs = releases.some((other) => {
    const revision = hostRevision(other);
    return other.commit === release.commit && revision !== undefined && revision !== own;
  });
  return own !== undefined && differs ? `${commit} (${shorten(own)})` : commit;
}

/** Shortens a commit's id, an image's digest or the id in an archive's name; of another image, the last part of its name stays. */
function shorten(revision: string): string {
  const [id] = /(?<![0-9a-f])[0-9a-f]{40}$|(?<![0-9a-f])[0-9a-f]{64}$/.exec(revision) ?? [];
  return id?.slice(0, 8) ?? revision.slice(revision.lastIndexOf('/') + 1);
}
