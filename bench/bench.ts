import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startSandbox } from '../sandbox/sandbox.ts';
import { median } from './median.ts';
import { baseApp, createMethods, type Method } from './methods.ts';
import { type Network, startNetwork, type Traffic } from './network.ts';
import { createProject } from './project.ts';

// Compares dokku-deploy with a script and with the commands of the official image, on the same sandbox over the same network: a first
// deploy, a deploy of a small change, one without a change, and the removal. `--latency 0,25,100` sets the round trip times, in
// milliseconds. With `--pace recorded`, each command takes as long as on a real host, whose work is then most of the time.
const { values } = parseArgs({
  options: {
    latency: { type: 'string', default: '0,25,100' },
    pace: { type: 'string', default: 'none' },
    runs: { type: 'string', default: '5' },
  },
});

if (!existsSync('dist/dokku-deploy')) throw new Error('dist/dokku-deploy is missing: run npm run build');

interface Sample extends Traffic {
  readonly milliseconds: number;
  readonly commands: number;
}

for (const latency of values.latency.split(',').map(Number)) {
  console.log(`\nLatency ${latency} ms, pace ${values.pace}, medians of ${values.runs} runs\n`);
  printTable(await compare(latency));
}

/** Runs every method at one latency. Returns the samples by step and method. */
async function compare(latency: number): Promise<Map<string, Sample[]>> {
  await using project = await createProject();
  await using sandbox = await startSandbox({
    services: ['redis'],
    pace: values.pace === 'recorded' ? 'recorded' : undefined,
  });
  await using network = await startNetwork(sandbox.port, latency);
  const methods = await createMethods({ project, sandbox, port: network.port });
  await methods.find(({ name }) => name === 'script')?.deploy(baseApp);
  const samples = new Map<string, Sample[]>();
  const measureAll = async (step: string, work: (method: Method) => Promise<unknown>): Promise<void> => {
    for (const method of methods) {
      const key = `${step} | ${method.name}`;
      const sample = await measure(network, sandbox.journal.commands, () => work(method));
      samples.set(key, [...(samples.get(key) ?? []), sample]);
    }
  };
  for (let run = 1; run <= Number(values.runs); run += 1) {
    const app = ({ name }: Method): string => `${name.replace(/\W/g, '-')}-${run}`;
    await measureAll('first deploy', (method) => method.deploy(app(method)));
    await project.change(`run ${run}`);
    await measureAll('small change', (method) => method.deploy(app(method)));
    await measureAll('no change', (method) => method.deploy(app(method)));
    await measureAll('stop', (method) => method.stop(app(method)));
  }
  return samples;
}

async function measure(
  network: Network,
  commands: readonly unknown[],
  work: () => Promise<unknown>,
): Promise<Sample> {
  network.take();
  const before = { time: performance.now(), commands: commands.length };
  await work();
  return {
    milliseconds: performance.now() - before.time,
    commands: commands.length - before.commands,
    ...network.take(),
  };
}

function printTable(samples: ReadonlyMap<string, readonly Sample[]>): void {
  console.log('| step | method | time | connections | commands | bytes sent | bytes received |');
  console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: |');
  for (const [key, taken] of samples) {
    const medianOf = (name: keyof Sample) => Math.round(median(taken.map((sample) => sample[name])));
    const counts = (['connections', 'commands', 'sent', 'received'] as const).map(medianOf);
    console.log(`| ${key} | ${medianOf('milliseconds')} ms | ${counts.join(' | ')} |`);
  }
}
