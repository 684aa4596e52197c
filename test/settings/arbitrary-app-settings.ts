import fc from 'fast-check';

const memory = fc.constantFrom<string | number>(256, '256m', '0.5g', 1024);
const amounts = fc.record({ memory, cpu: fc.constantFrom<string | number>(0.5, '2') }, { requiredKeys: [] });

const port = fc
  .tuple(fc.constantFrom('http', 'https'), fc.integer({ min: 80, max: 90 }), fc.constantFrom(3000, 5000))
  .map(([scheme, host, app]) => ({ host, text: `${scheme}:${host}:${app}` }));

const mount = fc.oneof(
  fc.record(
    {
      name: fc.constantFrom('uploads', 'cache'),
      mount: fc.constantFrom('/app/uploads', '/app/cache/', '/data'),
      readonly: fc.boolean(),
    },
    { requiredKeys: ['name', 'mount'] },
  ),
  fc.record({ folder: fc.constant('/srv/shop'), mount: fc.constantFrom('/data', '/srv') }),
);

const options = fc.uniqueArray(fc.constantFrom('--init', '--shm-size=256m', '--label a=b'), { maxLength: 3 });
const text = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
const some = (model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  fc.record(model, { requiredKeys: [] });

/** Random entries of the keys of what runs an app. */
export const appEntries: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  builder: fc.oneof(
    text('dockerfile', 'herokuish'),
    some({ selected: text('pack', 'nixpacks'), build_dir: text('apps/web', 'apps/api/') }),
    some({ dockerfile_path: text('docker/Dockerfile') }),
  ),
  buildpacks: fc.array(text('heroku/nodejs', 'heroku/ruby', 'https://example.com/team/buildpack.git'), {
    maxLength: 3,
  }),
  scheduler: fc.oneof(
    text('docker-local'),
    some({ k3s: some({ namespace: text('shop', 'store'), rollback_on_failure: fc.boolean() }) }),
  ),
  registry: fc.record(
    {
      server: text('a.example.com', 'b.example.com:5000'),
      push_on_release: fc.boolean(),
      image_repo: text('team/shop'),
    },
    { requiredKeys: ['server', 'push_on_release'] },
  ),
  resources: fc.record({ web: amounts, worker: fc.record({ limit: amounts }), memory }, { requiredKeys: [] }),
  storage: fc.uniqueArray(mount, {
    selector: ({ mount: path }) => path.replace(/\/$/, ''),
    maxLength: 3,
  }),
  network: some({
    attach_post_create: text('front', 'back'),
    initial_network: text('bridge', 'back'),
    bind_all_interfaces: fc.boolean(),
  }),
  docker_options: some({ build: fc.constant(['--build-arg A=1']), deploy: options, run: options }),
  ports: fc
    .uniqueArray(port, { selector: ({ host }) => host, maxLength: 3 })
    .map((maps) => maps.map(({ text: map }) => map)),
};
