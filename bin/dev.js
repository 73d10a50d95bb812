#!/usr/bin/env node
// Compiles what changed, then runs segue with the stack of every error shown.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
for (const script of ['node_modules/typescript/bin/tsc -b', 'scripts/write-oclif-manifest.mjs']) {
  const { status } = spawnSync(process.execPath, script.split(' '), { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 70);
}

process.env.SEGUE_DEBUG = '1';
await import('./run.js');
