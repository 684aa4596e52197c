import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { startSandbox } from '../sandbox/sandbox.ts';

// Compares the script that people paste into a job, with one ssh per command, with `dokku-deploy`, in the same run on the same
// sandbox. Only the ratio means anything. `--latency` delays each command by so many milliseconds, like a network; `--pace recorded`
// makes each command take as long as on a real host.
const { values } = parseArgs({
  options: {
    latency: { type: 'string', default: '40' },
    pace: { type: 'string' },
    runs: { type: 'string', default: '3' },
  },
});

const script = `
ssh_() { ssh -F /dev/null -i "$KEY" -o UserKnownHostsFile="$HOSTS" -o IdentitiesOnly=yes -p "$PORT" -- dokku@127.0.0.1 "$@"; }
ssh_ apps:exists "$APP" 2>/dev/null || ssh_ apps:create "$APP"
ssh_ config:set --no-restart "$APP" GREETING=hello
ssh_ redis:exists "$APP-redis" 2>/dev/null || ssh_ redis:create "$APP-redis"
ssh_ redis:linked "$APP-redis" "$APP" 2>/dev/null || ssh_ redis:link "$APP-redis" "$APP" --no-restart
GIT_SSH_COMMAND="ssh -F /dev/null -i $KEY -o UserKnownHostsFile=$HOSTS -o IdentitiesOnly=yes" \\
  git push --force "ssh://dokku@127.0.0.1:$PORT/$APP" HEAD:refs/heads/master
ssh_ urls "$APP"
`;

const root = await mkdtemp(join(tmpdir(), 'dokku-deploy-bench-'));
await using sandbox = await startSandbox({
  services: ['redis'],
  latency: Number(values.latency),
  pace: values.pace === 'recorded' ? 'recorded' : undefined,
});

await execa('git', ['init', '--quiet', '--initial-branch=main', join(root, 'app')]);
await writeFile(join(root, 'app', '.dokku-deploy.yml'), 'services: [redis]\nenv: {GREETING: hello}\n');
await writeFile(join(root, 'key'), sandbox.privateKey, { mode: 0o600 });
await writeFile(join(root, 'hosts'), sandbox.knownHosts);
await commit('first');

const main = new URL('../src/main.ts', import.meta.url).pathname;

const results: Record<string, { classic: number[]; ours: number[] }> = {
  'first start': { classic: [], ours: [] },
  'second push': { classic: [], ours: [] },
  'nothing new': { classic: [], ours: [] },
};
for (let run = 1; run <= Number(values.runs); run += 1) {
  for (const [name, taken] of Object.entries(results)) {
    if (name === 'second push') await commit(`second ${run}`);
    taken.classic.push(await measure(() => deployClassic(`classic-${run}`)));
    taken.ours.push(await measure(() => deployOurs(`ours-${run}`)));
  }
}
console.log(`latency ${values.latency} ms, pace ${values.pace ?? 'none'}, medians of ${values.runs}`);
for (const [name, taken] of Object.entries(results)) {
  const [theirs, mine] = [median(taken.classic), median(taken.ours)];
  const figures = `${Math.round(theirs)} ms by ssh and git push, ${Math.round(mine)} ms by dokku-deploy`;
  console.log(`${name}: ${figures} (${(theirs / mine).toFixed(2)} times as fast)`);
}
await rm(root, { recursive: true, force: true });

async function commit(text: string): Promise<void> {
  await writeFile(join(root, 'app', 'index.html'), text);
  await git('add', '--all');
  await git('commit', '--quiet', '-m', text);
}

function git(...args: readonly string[]) {
  return execa('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', ...args], {
    cwd: join(root, 'app'),
  });
}

async function measure(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

function deployClassic(app: string) {
  return execa('sh', ['-euc', script], {
    cwd: join(root, 'app'),
    env: { KEY: join(root, 'key'), HOSTS: join(root, 'hosts'), PORT: String(sandbox.port), APP: app },
  });
}

function deployOurs(app: string) {
  return execa(
    process.execPath,
    [main, 'review', 'start', '--app', app, '--dotenv', 'none', '--facts', 'none'],
    {
      cwd: join(root, 'app'),
      env: { ...sandbox.env, CI_COMMIT_REF_NAME: app, CI_PROJECT_PATH: 'bench/app' },
    },
  );
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
