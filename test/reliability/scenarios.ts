/** A run whose every command meets every fault. */
export interface Scenario {
  readonly name: string;
  readonly command: string;
  /** Whether its steps are those of another scenario, but for one. */
  readonly isVariant?: true;
  /** Runs before it, without a fault, e.g. the first deploy before a second. */
  readonly before: readonly { readonly command: string; readonly commit: 'first' | 'second' }[];
}

/** All plans that are disturbed. */
export const scenarios: readonly Scenario[] = [
  { name: 'review start, new app', command: 'review start', before: [] },
  {
    name: 'review start, second push',
    command: 'review start',
    before: [{ command: 'review start', commit: 'first' }],
  },
  {
    name: 'review stop',
    command: 'review stop',
    before: [{ command: 'review start', commit: 'second' }],
  },
  { name: 'deploy, new app', command: 'deploy', before: [] },
  { name: 'deploy, second push', command: 'deploy', before: [{ command: 'deploy', commit: 'first' }] },
  {
    name: 'rollback',
    command: 'rollback --to 1',
    before: [
      { command: 'deploy', commit: 'first' },
      { command: 'deploy', commit: 'second' },
    ],
  },
  {
    name: 'promote',
    isVariant: true,
    command: 'promote from to --from-app APP-from',
    before: [
      { command: 'deploy to', commit: 'first' },
      { command: 'deploy from --app APP-from', commit: 'second' },
    ],
  },
  ...imageScenarios('image', (name) => `--image REGISTRY/shop:${name}`),
  ...imageScenarios('image_archive', (name) => `--image-archive ${name}.tar`),
];

/** The deploys of an image, and what follows from them. `flag` chooses the first image or the second one. */
function imageScenarios(kind: string, flag: (name: 'first' | 'second') => string): readonly Scenario[] {
  const first = { command: `deploy ${flag('first')}`, commit: 'first' } as const;
  const second = `deploy ${flag('second')}`;
  return [
    { name: `deploy of ${kind}, new app`, isVariant: true, command: second, before: [] },
    { name: `deploy of ${kind}, second image`, isVariant: true, command: second, before: [first] },
    {
      name: `rollback of ${kind}`,
      isVariant: true,
      command: 'rollback --to 1',
      before: [first, { command: second, commit: 'second' }],
    },
    {
      name: `promote of ${kind}`,
      isVariant: true,
      command: 'promote from to --from-app APP-from',
      before: [
        { command: `deploy to ${flag('first')}`, commit: 'first' },
        { command: `deploy from --app APP-from ${flag('second')}`, commit: 'second' },
      ],
    },
  ];
}
