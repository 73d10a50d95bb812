/** The workflow of examples/ci, its steps run as GitHub runs them. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const temporaryDirectory = temporaryDirectories();

interface Workflow {
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: {
    readonly train: { readonly steps: readonly { name?: string; if?: string; run?: string }[] };
  };
}
const workflow = parse(readFileSync(join(examples, 'ci/segue.yml'), 'utf8')) as Workflow;

/** A repository with the workflow's files, with npm and segue on its path. */
function repository(): string {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, 'data'));
  mkdirSync(join(folder, 'path'));
  symlinkSync(binPath, join(folder, 'path/segue'));
  writeFileSync(join(folder, 'path/npm'), '#!/bin/sh\n[ "$*" = "ci --ignore-scripts" ]\n');
  chmodSync(join(folder, 'path/npm'), 0o755);
  copyFileSync(join(examples, 'classic-rock/items.csv'), join(folder, 'data/items.csv'));
  copyFileSync(join(examples, 'ci/segue-gates.yaml'), join(folder, 'segue-gates.yaml'));
  return folder;
}

/** Runs the steps for an event until one fails: the step that did, its exit code, and what all printed. */
function runSteps(
  folder: string,
  event: 'schedule' | 'pull_request',
): { failed?: string | undefined; code: number | null; output: string } {
  const path = [join(folder, 'path'), dirname(process.execPath), process.env['PATH']].join(delimiter);
  const env = cleanEnv({
    ...workflow.env,
    PATH: path,
    GITHUB_PATH: join(folder, 'github-path'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
    GITHUB_RUN_ID: '1',
  });
  let output = '';
  for (const { name, run, if: condition } of workflow.jobs.train.steps) {
    const asked = condition === undefined || (event === 'pull_request') === condition.includes('==');
    // What GitHub would be asked is not run here.
    if (run === undefined || !asked || run.startsWith('gh ')) continue;
    const step = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    output += step.stdout + step.stderr;
    if (step.status !== 0) return { failed: name, code: step.status, output };
  }
  return { code: 0, output };
}

it('publishes on the first run, then on the root of the last one, and stops at a gate that fails', () => {
  const folder = repository();
  const week = gunzipSync(readFileSync(join(examples, 'classic-rock/plays.csv.gz'))).toString('utf8');
  const sixDays = week.split('\n').filter((line) => !line.includes('/2014-06-22,'));
  const current = (): string => readlinkSync(join(folder, '.segue/current'));
  const report = (): string => readFileSync(join(folder, 'report.html'), 'utf8');
  const comment = (): string => readFileSync(join(folder, 'comment.md'), 'utf8');

  writeFileSync(join(folder, 'data/plays.csv'), sixDays.join('\n'));
  const first = runSteps(folder, 'schedule');
  expect(first, first.output).toMatchObject({ code: 0 });
  expect(comment()).toContain('Nothing is published yet');
  expect(report()).not.toContain('Compared with');
  const before = current();

  writeFileSync(join(folder, 'data/plays.csv'), week);
  const second = runSteps(folder, 'schedule');
  expect(second, second.output).toMatchObject({ code: 0 });
  expect(comment()).toContain('94 only in B');
  expect(report()).toContain(`Compared with ${before.slice(-16)}`);
  const after = current();
  expect(after).not.toBe(before);

  writeFileSync(join(folder, 'segue-gates.yaml'), 'require:\n  - items>=5000\n');
  writeFileSync(join(folder, 'data/plays.csv'), sixDays.join('\n'));
  expect(runSteps(folder, 'schedule')).toMatchObject({ failed: 'Publish, if it passes the gates', code: 1 });
  expect(runSteps(folder, 'pull_request')).toMatchObject({ failed: 'Would it pass the gates?', code: 1 });
  expect(current()).toBe(after);
});
