import { spawnSync } from 'node:child_process';

// Biome's wrapper package depends on binaries for all platforms, some of which a registry mirror may lack, and then `npm ci` fails.
// So only the binary packages are installed, and called directly.
const binary = new URL(`../node_modules/@biomejs/cli-linux-${process.arch}/biome`, import.meta.url).pathname;
const { status, error } = spawnSync(binary, process.argv.slice(2), { stdio: 'inherit' });
if (error) throw error;
process.exitCode = status ?? 1;
