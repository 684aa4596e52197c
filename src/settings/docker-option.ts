import type { Phase } from '../dokku/docker-options.ts';
import { findNearest } from '../problems.ts';
import type { SettingResolver } from './setting.ts';

interface OptionPlace {
  readonly phase: Phase;
  readonly at: string;
}

/**
 * Returns an option as Dokku stores it, with its variables filled in. Dokku stores any text, and Docker gets it split at spaces: one in
 * a value is taken for the image, and every deploy fails (facts-2, F55).
 */
export function checkOption(raw: string, { phase, at }: OptionPlace, resolver: SettingResolver): string {
  const option = resolver.text(raw, at).trim();
  const [first = '', value, ...rest] = option.split(/\s+/);
  const [name = '', inlineValue] = first.split(/=(.*)/s);
  if (!/^(-[A-Za-z]|--[a-z][a-z0-9-]*)$/.test(name)) {
    resolver.problem(at, `${JSON.stringify(option)} is not an option`, 'Write --name=value.');
    return option;
  }
  const isSplit = value !== undefined && inlineValue !== undefined;
  if (isSplit || rest.length > 0 || /["'\\`]/.test(option))
    resolver.problem(
      at,
      `${JSON.stringify(option)} has a space or a quote in its value, and Docker would get it in pieces`,
      'Write one option per entry, with a value without spaces: --name=value.',
    );
  checkName(name, { phase, at }, resolver);
  return [first, ...(value === undefined ? [] : [value])].join(' ');
}

function checkName(name: string, { phase, at }: OptionPlace, resolver: SettingResolver): void {
  if (phase !== 'build' && set.has(name)) {
    resolver.problem(at, `${name} is what Dokku itself sets`, 'Remove it.');
    return;
  }
  const known = phase === 'build' ? buildOptions : containerOptions;
  if (known.has(name)) return;
  const nearest = findNearest(name, [...known]);
  // A newer Docker may know more.
  if (nearest !== undefined)
    resolver.problem(at, `Docker has no option ${name} here`, `Did you mean ${nearest}?`);
  else
    resolver.warn(
      at,
      `the option ${name} is not known here: if Docker does not know it either, the deploy fails`,
    );
}

/** Options with which no container of Dokku's could be found again. */
const set: ReadonlySet<string> = new Set(['--name', '--cidfile', '--detach', '-d', '--rm']);

/** The options of `docker container create` (Docker 28). */
const containerOptions: ReadonlySet<string> = new Set(
  `-a -c -e -h -i -l -m -p -P -t -u -v -w
--add-host --annotation --attach --blkio-weight --blkio-weight-device --cap-add --cap-drop --cgroup-parent --cgroupns
--cpu-count --cpu-percent --cpu-period --cpu-quota --cpu-rt-period --cpu-rt-runtime --cpu-shares --cpus --cpuset-cpus
--cpuset-mems --device --device-cgroup-rule --device-read-bps --device-read-iops --device-write-bps --device-write-iops
--disable-content-trust --dns --dns-opt --dns-option --dns-search --domainname --entrypoint --env --env-file --expose --gpus
--group-add --health-cmd --health-interval --health-retries --health-start-interval --health-start-period --health-timeout
--hostname --init --interactive --ip --ip6 --ipc --isolation --kernel-memory --label --label-file --link --link-local-ip
--log-driver --log-opt --mac-address --memory --memory-reservation --memory-swap --memory-swappiness --mount --net
--net-alias --network --network-alias --no-healthcheck --oom-kill-disable --oom-score-adj --pid --pids-limit --platform
--privileged --publish --publish-all --pull --quiet --read-only --restart --runtime --security-opt --shm-size --stop-signal
--stop-timeout --storage-opt --sysctl --tmpfs --tty --ulimit --use-api-socket --user --userns --uts --volume
--volume-driver --volumes-from --workdir`.split(/\s+/),
);

/** The options of `docker image build` (Docker 28, with and without buildx). */
const buildOptions: ReadonlySet<string> = new Set(
  `-c -f -m -o -q -t
--add-host --allow --annotation --attest --build-arg --build-context --builder --cache-from --cache-to --call --cgroup-parent
--check --compress --cpu-period --cpu-quota --cpu-shares --cpuset-cpus --cpuset-mems --debug --disable-content-trust --file
--force-rm --iidfile --isolation --label --load --memory --memory-swap --metadata-file --network --no-cache --no-cache-filter
--output --platform --progress --provenance --pull --push --quiet --rm --sbom --secret --security-opt --shm-size --squash
--ssh --tag --target --ulimit`.split(/\s+/),
);
