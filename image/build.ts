import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

// Builds dist/dokku-deploy: one bundle inside a stripped Node. `--arch arm64` builds for the other architecture, without a code
// cache, because V8 can only make one for the machine that it runs on.
const arch = process.argv.includes('--arch')
  ? (process.argv[process.argv.indexOf('--arch') + 1] ?? '')
  : process.arch;
const isNative = arch === process.arch;
const output = isNative ? 'dist/dokku-deploy' : `dist/dokku-deploy-${arch}`;
const base = `node_modules/node-linux-${arch}/bin/node`;
const bundle = 'dist/dokku-deploy.cjs';
const stripped = `dist/node-${arch}`;

if (!existsSync(base))
  throw new Error(`${base} is missing: run npm pack node-linux-${arch} and unpack the result there`);

/**
 * ssh2 falls back to JavaScript if its native modules cannot be loaded. PGlite is left out because of its size, zod's languages but
 * English because they take time at each start, and so does what commander needs only to run commands as programs of their own.
 */
const leaveOut: Plugin = {
  name: 'leave-out',
  setup: (hooks) => {
    hooks.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
    hooks.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      /\/commander\//.test(importer) ? { path, namespace: 'left-out' } : undefined,
    );
    hooks.onResolve({ filter: /(\.node$|^cpu-features$|^@electric-sql\/)/ }, ({ path }) => ({
      path,
      namespace: 'left-out',
    }));
    hooks.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: path.startsWith('node:')
        ? 'module.exports = {};'
        : `throw new Error(${JSON.stringify(`${path} is not part of the binary`)});`,
    }));
  },
};

/** The binary keeps two fields of package.json. In a pipeline, errors link to the docs of the project that runs it. */
const manifest: Plugin = {
  name: 'manifest',
  setup: (hooks) => {
    hooks.onLoad({ filter: /package\.json$/ }, ({ path }) => {
      if (path !== resolve('package.json')) return undefined;
      const { version, homepage } = JSON.parse(readFileSync(path, 'utf8'));
      const kept = { version, homepage: process.env.CI_PROJECT_URL ?? homepage };
      return { contents: JSON.stringify(kept), loader: 'json' };
    });
  },
};

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
await build({
  entryPoints: ['image/binary.ts'],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'node26',
  format: 'cjs',
  sourcemap: 'linked',
  legalComments: 'none',
  // A third less to read at each start. Names are kept for the stack traces of bugs.
  minifyWhitespace: true,
  logLevel: 'warning',
  // Its main file is UMD, whose inner requires a bundler cannot follow.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  plugins: [leaveOut, manifest],
});
strip();
const config = {
  main: bundle,
  output,
  executable: stripped,
  disableExperimentalSEAWarning: true,
  useCodeCache: isNative,
  // NODE_OPTIONS is meant for the project's own programs: a --require in it would run in the process that has the private key.
  execArgvExtension: 'none',
  // With V8's default, a long build log takes 60 MB more, and no less time. Larger values suit programs with much short-lived data.
  execArgv: ['--max-semi-space-size=4'],
};
writeFileSync('dist/sea.json', JSON.stringify(config));

// A fixed seed, because the code cache depends on it: the same sources must give the same binary.
execFileSync(process.execPath, ['--random-seed=1', '--build-sea', 'dist/sea.json'], { stdio: 'inherit' });
chmodSync(output, 0o755);
rmSync(stripped);
rmSync('dist/sea.json');
process.stdout.write(`${output}: ${(statSync(output).size / 1e6).toFixed(1)} MB\n`);

function strip(): void {
  copyFileSync(base, stripped);
  chmodSync(stripped, 0o755);
  const program = isNative ? 'strip' : `${arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu-strip`;
  try {
    execFileSync(program, [stripped]);
  } catch {
    process.stderr.write(
      `${program} (Debian: binutils) was not found: the binary keeps Node's symbols and is 33 MB larger\n`,
    );
  }
}
