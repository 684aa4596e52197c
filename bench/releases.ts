import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { startSandbox } from '../sandbox/sandbox.ts';
import { median } from './median.ts';
import { type Network, startNetwork, type Traffic } from './network.ts';
import { createProject } from './project.ts';
import { jobEnv, runTool } from './tool.ts';

// Compares promote and rollback with a deploy of the same commit from a checkout, on one sandbox. With `--pace recorded` (the
// default), each command takes as long as on a real host. `--latency` is the time of a round trip in milliseconds.
const { values } = parseArgs({
  options: {
    latency: { type: 'string', default: '25' },
    pace: { type: 'string', default: 'recorded' },
    runs: { type: 'string', default: '3' },
  },
});

interface Sample extends Traffic {
  readonly milliseconds: number;
}

const samples = new Map<string, Sample[]>();
for (let run = 1; run <= Number(values.runs); run += 1) await measureRun();
printTable();

/** Deploys a commit to three environments, then a newer one in three ways, and then goes back in two. */
async function measureRun(): Promise<void> {
  await using project = await createProject();
  await using sandbox = await startSandbox({
    services: ['redis'],
    pace: values.pace === 'recorded' ? 'recorded' : undefined,
  });
  await using network = await startNetwork(sandbox.port, Number(values.latency));
  const env = jobEnv(sandbox, network);
  const tool = (...words: readonly string[]) => runTool(project, words, env);
  for (const environment of ['test', 'one', 'two']) await tool('deploy', environment);
  const { stdout: older } = await execa('git', ['rev-parse', 'HEAD'], { cwd: project.folder });
  await project.change('a newer commit');
  await tool('deploy', 'test');
  await measure(network, 'newer commit | deploy', () => tool('deploy', 'one'));
  await measure(network, 'newer commit | promote', () => tool('promote', 'test', 'two'));
  await measure(network, 'nothing new | promote', () => tool('promote', 'test', 'two'));
  const back = () => runTool(project, ['deploy', 'one', '--allow-older'], { ...env, CI_COMMIT_SHA: older });
  await measure(network, 'older commit | deploy', back);
  await measure(network, 'older commit | rollback', () => tool('rollback', 'two'));
}

async function measure(network: Network, key: string, work: () => Promise<unknown>): Promise<void> {
  network.take();
  const before = performance.now();
  await work();
  const sample = { milliseconds: performance.now() - before, ...network.take() };
  samples.set(key, [...(samples.get(key) ?? []), sample]);
}

function printTable(): void {
  console.log(`Latency ${values.latency} ms, pace ${values.pace}, medians of ${values.runs} runs\n`);
  console.log('| step | command | time | connections | bytes sent | bytes received |');
  console.log('| --- | --- | ---: | ---: | ---: | ---: |');
  for (const [key, taken] of samples) {
    const medianOf = (name: keyof Sample) => Math.round(median(taken.map((sample) => sample[name])));
    const counts = (['connections', 'sent', 'received'] as const).map(medianOf);
    console.log(`| ${key} | ${medianOf('milliseconds')} ms | ${counts.join(' | ')} |`);
  }
}
