// Changes one operator or constant of the lines that a commit touched, and says which changes no quick test notices:
//
//   npm run test:mutants -- --since main
//
// A mutant is put into a copy of the checkout, so that nothing of it is ever left in dist/ (docs/contributing/testing.md).
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readCoverage } from './mutants/coverage.mjs';
import { mutantsOf } from './mutants/operators.mjs';

const usage = `Usage: npm run test:mutants -- [options]

  --since REF      mutate lines added or changed since REF (default: HEAD~1; with --only: all lines)
  --only PATH      only what is below this path of src/
  --tests PATTERN  only test files whose path matches this regular expression
  --sample N       of the mutants that are covered, N at random
  --seed S         another sample (default: 1)
  --messages       mutate the words of error messages too
  --json           one JSON document on stdout

Exit code 1 where a mutant survived.`;

const checkout = fileURLToPath(new URL('..', import.meta.url));
/** Test files run in growing batches: processor seconds of the first, and how many times as long the next one is. */
const batch = { seconds: 4, growth: 4 };
/** A batch that takes so many times its usual seconds, and these for the start, has met an endless loop. */
const patience = { times: 10, seconds: 60 };

const options = readOptions();
const copy = mkdtempSync(join(tmpdir(), 'segue-mutants-'));
/** What the tests that are running have said so far, a line of JSON each. */
const log = join(copy, 'mutants.log');
let running;
process.on('exit', () => {
  endRunning();
  rmSync(copy, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

function readOptions() {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  const known = { since: text, only: text, tests: text, sample: text, seed: { ...text, default: '1' } };
  const flags = { messages: flag, json: flag, help: flag };
  try {
    const { values } = parseArgs({ options: { ...known, ...flags } });
    if (!values.help) return { ...values, since: values.since ?? (values.only ? undefined : 'HEAD~1') };
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${usage}\n`);
    process.exit(2);
  }
}

function git(...args) {
  return execFileSync('git', args, { cwd: checkout, encoding: 'utf8', maxBuffer: 2 ** 30 });
}

/** By file of src/ the lines to mutate; undefined: all. */
function linesAsked() {
  const { since, only = 'src' } = options;
  if (since === undefined)
    return git('ls-files', '-co', '--exclude-standard', only)
      .split('\n')
      .map((file) => [file, undefined]);
  const files = [];
  const prefixes = ['--no-ext-diff', '--src-prefix=a/', '--dst-prefix=b/'];
  for (const line of git('diff', '-U0', ...prefixes, since, '--', only).split('\n')) {
    const file = /^\+\+\+ b\/(.*)$/.exec(line);
    if (file !== null) files.push([file[1], new Set()]);
    const hunk = /^@@ \S+ \+(\d+)(?:,(\d+))? @@/.exec(line);
    for (let at = 0; hunk !== null && at < Number(hunk[2] ?? 1); at++)
      files.at(-1)?.[1].add(Number(hunk[1]) + at);
  }
  return files;
}

function mutantsIn([file, lines]) {
  const compiled = file.replace(/^src\/(.*)\.tsx?$/, '$1.js');
  const path = join(checkout, 'dist', compiled);
  // What is bundled or made by another compiler has no file of its own there.
  if (compiled === file || !existsSync(`${path}.map`)) return [];
  const text = readFileSync(path, 'utf8');
  const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')));
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const placed = mutantsOf(text, options).map((mutant) => {
    const row = starts.findLastIndex((start) => start <= mutant.mark);
    const { originalLine, originalColumn } = map.findEntry(row, mutant.mark - starts[row]);
    return { file, line: originalLine + 1, column: originalColumn + 1, compiled, text, ...mutant };
  });
  return placed.filter(({ line }) => lines === undefined || lines.has(line));
}

/** All that git would keep, and what is built. */
function makeCopy() {
  const kept = git('ls-files', '-coz', '--exclude-standard').split('\0').filter(Boolean);
  for (const name of [...kept, 'dist', 'oclif.manifest.json', 'src/core/compute/kernel-exports.ts'])
    if (existsSync(join(checkout, name))) cpSync(join(checkout, name), join(copy, name), { recursive: true });
  symlinkSync(join(checkout, 'node_modules'), join(copy, 'node_modules'));
}

/** Whether these test files pass in the copy, else which one failed first; undefined where they came to no end in time. */
async function run(files, { collect, keys, seconds }) {
  const asked = join(copy, 'mutants.json');
  writeFileSync(log, '');
  writeFileSync(asked, JSON.stringify({ collect, files, keys, log }));
  const config = join(copy, 'scripts/mutants/vitest.config.mjs');
  const args = ['run', '--root', copy, '--config', config, ...files];
  if (collect === undefined) args.push('--bail', '1', '--maxWorkers', '1');
  const env = { ...process.env, SEGUE_MUTANTS: asked, NODE_DISABLE_COMPILE_CACHE: '1' };
  const stdio = ['ignore', 'ignore', collect === undefined ? 'ignore' : 'inherit'];
  const vitest = join(checkout, 'node_modules/vitest/vitest.mjs');
  const timeout = seconds === undefined ? {} : { timeout: Math.ceil(1000 * seconds), killSignal: 'SIGKILL' };
  running = spawn(process.execPath, [vitest, ...args], { cwd: copy, env, stdio, detached: true, ...timeout });
  const [code, signal] = await once(running, 'exit');
  endRunning();
  const failed = said().find(({ passed }) => passed === false)?.file;
  return signal === 'SIGKILL' ? undefined : { passed: code === 0, failed };
}

function said() {
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/** With all that the tests started, and where they keep their files. */
function endRunning() {
  if (running === undefined) return;
  try {
    process.kill(-running.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
  running = undefined;
  const { directory } = said().find((line) => line.directory) ?? {};
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
}

async function outcomeOf({ compiled, text, start, end, replacement, tests }) {
  const path = join(copy, 'dist', compiled);
  writeFileSync(path, text.slice(0, start) + replacement + text.slice(end));
  try {
    let most = batch.seconds;
    for (let at = 0; at < tests.length; most *= batch.growth) {
      const some = [];
      for (let sum = 0; at < tests.length && (sum === 0 || sum + tests[at].cpuSeconds <= most); at++)
        sum += some[some.push(tests[at]) - 1].cpuSeconds;
      const usual = some.reduce((sum, { seconds }) => sum + seconds, 0);
      const seconds = patience.seconds + patience.times * usual;
      const result = await run(
        some.map(({ file }) => file),
        { seconds },
      );
      if (result === undefined) return { outcome: 'timed out' };
      if (!result.passed) return { outcome: 'killed', killedBy: result.failed };
    }
    return { outcome: 'survived' };
  } finally {
    writeFileSync(path, text);
  }
}

/** Some of them, the same ones for the same seed: those whose hashes are the smallest. */
function sampled(mutants) {
  const hash = (at) => createHash('sha256').update(`${options.seed} ${at}`).digest('hex');
  const ranked = [...mutants.keys()].sort((a, b) => (hash(a) < hash(b) ? -1 : 1));
  const chosen = new Set(ranked.slice(0, Number(options.sample ?? mutants.length)));
  return mutants.filter((_, at) => chosen.has(at));
}

function tell({ file, line, column, before, after }, end) {
  if (!options.json) process.stdout.write(`${file}:${line}:${column}  ${before}  →  ${after}  ${end}\n`);
}

const found = linesAsked().flatMap(mutantsIn);
const testFiles = readdirSync(join(checkout, 'test'), { recursive: true })
  .map((name) => `test/${name.replaceAll('\\', '/')}`)
  .filter((name) => /\.test\.tsx?$/.test(name) && !/\.(faults|integration)\./.test(name))
  .filter((name) => new RegExp(options.tests ?? '').test(name));
if (found.length > 0) makeCopy();
const testsOf = found.length > 0 ? await readCoverage(checkout, testFiles, run) : undefined;
const all = found.map((mutant) => ({ ...mutant, tests: testsOf(mutant) }));
const results = all
  .filter(({ tests }) => tests.length === 0)
  .map((mutant) => ({ ...mutant, outcome: 'not covered' }));
for (const mutant of results) tell(mutant, 'NOT COVERED');
const covered = sampled(all.filter(({ tests }) => tests.length > 0));
for (const [at, mutant] of covered.entries()) {
  const names = mutant.tests.map((test) => test.file);
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  const by = names.slice(0, 3).join(', ') + more;
  if (process.stderr.isTTY) process.stderr.write(`\r${at + 1} of ${covered.length} mutants `);
  results.push({ ...mutant, ...(await outcomeOf(mutant)) });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (results.at(-1).outcome === 'survived') tell(mutant, `SURVIVED (tried by: ${by})`);
}
const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
const counts = { mutants: results.length, killed: count('killed'), survived: count('survived') };
const others = { timedOut: count('timed out'), notCovered: count('not covered') };
if (options.json) {
  const shown = results.map(({ file, line, column, before, after, outcome, killedBy }) => {
    return { file, line, column, before, after, outcome, killedBy };
  });
  process.stdout.write(`${JSON.stringify({ ...counts, ...others, results: shown }, undefined, 2)}\n`);
} else {
  process.stdout.write(
    `${counts.mutants} mutants: ${counts.killed} killed, ${counts.survived} survived, ` +
      `${others.timedOut} timed out (killed), ${others.notCovered} not covered\n`,
  );
}
process.exitCode = counts.survived > 0 ? 1 : 0;
