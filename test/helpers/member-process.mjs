// One user of test/helpers/members.ts: becomes it, and then runs what it is sent.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';

const user = JSON.parse(process.argv[2]);
process.setgroups(user.groups);
process.setgid(user.uid);
process.setuid(user.uid);
process.umask(user.umask);

const { describeFailure } = await import('../../dist/cli/failure.js');
const from = (name) => import(new URL(`../../dist/core/${name}.js`, import.meta.url));
const modules = await Promise.all(
  [
    'tasks/train',
    'tasks/build-index',
    'tasks/publish',
    'tasks/rollback',
    'tasks/gc',
    'tasks/snapshots/tag',
    'tasks/snapshots/untag',
    'tasks/snapshots/delete',
    'tasks/snapshots/list',
    'tasks/snapshots/verify',
    'snapshot/writing/write-snapshot',
    'checkpoints/checkpoints',
    'snapshot/open-snapshot',
    'files/kernel-lock',
    'evaluation/tuning/trials-file',
  ].map(from),
);
const api = Object.assign({ execFileSync, fs, join }, ...modules);
const AsyncFunction = (async () => undefined).constructor;

process.on('message', async ({ root, statement }) => {
  const warnings = [];
  const context = {
    signal: new AbortController().signal,
    onProgress: (progress) => progress.kind === 'warning' && warnings.push(progress.message),
  };
  try {
    const run = new AsyncFunction('root', 'api', 'context', statement);
    process.send({ value: await run(root, api, context), warnings });
  } catch (error) {
    const { code, exitCode, message, suggestions } = describeFailure(error);
    process.send({ error: { code, exitCode, message, suggestions, errno: error.code }, warnings });
  }
});
process.send('ready');
