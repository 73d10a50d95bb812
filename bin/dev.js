#!/usr/bin/env node
// Compiles what changed, then runs segue with the stack of every error shown.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const build = spawnSync(
  process.execPath,
  [fileURLToPath(new URL('node_modules/typescript/bin/tsc', root)), '-b'],
  { cwd: fileURLToPath(root), stdio: ['ignore', 2, 2] },
);
if (build.status !== 0) process.exit(build.status ?? 70);

process.env.SEGUE_DEBUG = '1';
await import('./run.js');
