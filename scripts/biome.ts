import { spawnSync } from 'node:child_process';

// The wrapper package of Biome lists platforms that a registry may lack, which breaks `npm ci`; so its binary is called.
const binary = new URL(`../node_modules/@biomejs/cli-linux-${process.arch}/biome`, import.meta.url).pathname;
const { status, error } = spawnSync(binary, process.argv.slice(2), { stdio: 'inherit' });
if (error) throw error;
process.exitCode = status ?? 1;
