/**
 * What `diff-snapshots` says of pairs of trainings whose difference is known: another seed, other settings, less data,
 * other people, another model, a taste that was destroyed. The thresholds of its verdict were chosen from this table.
 *
 *   node build/bench/compare-trainings.js EVENTS --columns user=1,item=2 [--train '--factors 32'] [--only seed,reg]
 *
 * EVENTS is a text file with a header, gzipped or not, one event a line.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { DiffResult } from '#dist/core/tasks/diff-snapshots.js';
import { randomFractions } from './seeded-random.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    columns: { type: 'string', default: 'user=1,item=2' },
    train: { type: 'string', default: '' },
    only: { type: 'string' },
  },
});
const segue = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'compare-trainings-'));

function run(args: readonly string[]): unknown {
  const env = { ...process.env, SEGUE_ROOT: join(directory, 'root') };
  return JSON.parse(
    execFileSync(process.execPath, [segue, ...args, '--json'], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString(),
  );
}

const bytes = readFileSync(positionals[0] ?? '');
const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
const separator = header.includes('\t') ? '\t' : ',';
const place = (role: string): number =>
  Number(new RegExp(`${role}=(\\d+)`).exec(values.columns)?.[1] ?? Number.NaN) - 1;
const [userAt, itemAt, timeAt] = [place('user'), place('item'), place('time')];
const extension = separator === '\t' ? 'tsv' : 'csv';

function write(name: string, kept: readonly string[]): string {
  const path = join(directory, `${name}.${extension}`);
  writeFileSync(path, [header, ...kept, ''].join('\n'));
  return path;
}

function sampled(share: number, seed: number): string[] {
  const random = randomFractions(seed);
  return lines.filter(() => random() < share);
}

/** Every user is in one half or the other. */
function halves(): readonly [string[], string[]] {
  const random = randomFractions(3);
  const inFirst = new Map<string, boolean>();
  const isFirst = (line: string): boolean => {
    const user = line.split(separator)[userAt] ?? '';
    const known = inFirst.get(user) ?? random() < 0.5;
    inFirst.set(user, known);
    return known;
  };
  const marks = lines.map(isFirst);
  return [lines.filter((_, at) => marks[at] === true), lines.filter((_, at) => marks[at] !== true)];
}

/** Every item has the name of another, which leaves the taste as it was and destroys what ids say. */
function renamed(): string[] {
  const random = randomFractions(5);
  const items = [...new Set(lines.map((line) => line.split(separator)[itemAt] ?? ''))];
  const others = [...items];
  for (let at = others.length - 1; at > 0; at--) {
    const to = Math.floor(random() * (at + 1));
    [others[at], others[to]] = [others[to] ?? '', others[at] ?? ''];
  }
  const nameOf = new Map(items.map((item, at) => [item, others[at] ?? '']));
  return lines.map((line) => {
    const cells = line.split(separator);
    cells[itemAt] = nameOf.get(cells[itemAt] ?? '') ?? '';
    return cells.join(separator);
  });
}

/** Who played what is forgotten: the items of all plays are dealt anew, so that each keeps its number of plays. */
function dealt(): string[] {
  const random = randomFractions(6);
  const rows = lines.map((line) => line.split(separator));
  for (let at = rows.length - 1; at > 0; at--) {
    const [one, other] = [rows[at] ?? [], rows[Math.floor(random() * (at + 1))] ?? []];
    [one[itemAt], other[itemAt]] = [other[itemAt] ?? '', one[itemAt] ?? ''];
  }
  return rows.map((cells) => cells.join(separator));
}

/** The earlier share of all events. */
function earlier(share: number): string[] {
  const timeOf = (line: string): number => Number(line.split(separator)[timeAt]);
  const sorted = lines.map(timeOf).sort((a, b) => a - b);
  const until = sorted[Math.floor(share * sorted.length)] ?? 0;
  return lines.filter((line) => timeOf(line) <= until);
}

interface Case {
  readonly name: string;
  readonly a?: readonly string[];
  readonly dataA?: () => readonly string[];
  readonly b?: readonly string[];
  readonly data?: () => readonly string[];
}

const [first, second] = halves();
const cases: readonly Case[] = [
  { name: 'another seed', b: ['--seed', '7'] },
  { name: 'a third seed', b: ['--seed', '8'] },
  { name: 'normal init, another seed', a: ['--init', 'normal'], b: ['--init', 'normal', '--seed', '7'] },
  { name: 'svd and normal init', b: ['--init', 'normal'] },
  { name: '8 and 16 epochs', a: ['--epochs', '8'] },
  { name: '16 and 17 epochs', b: ['--epochs', '17'] },
  { name: '16 and 48 epochs', b: ['--epochs', '48'] },
  { name: '64 and 32 factors', b: ['--factors', '32'] },
  { name: '64 and 16 factors', b: ['--factors', '16'] },
  { name: '32 factors, another seed', a: ['--factors', '32'], b: ['--factors', '32', '--seed', '7'] },
  { name: '16 factors, another seed', a: ['--factors', '16'], b: ['--factors', '16', '--seed', '7'] },
  { name: 'twice the regularisation', b: ['--reg', '0.014'] },
  { name: '10 x the regularisation', b: ['--reg', '0.07'] },
  { name: 'log and binary confidence', b: ['--confidence', 'binary'] },
  { name: '99 % of the data', data: () => sampled(0.99, 1) },
  { name: '90 % of the data', data: () => sampled(0.9, 1) },
  { name: '50 % of the data', data: () => sampled(0.5, 1) },
  ...(Number.isNaN(timeAt)
    ? []
    : [{ name: 'the first 6/7 and all of the time', dataA: () => earlier(6 / 7) } satisfies Case]),
  { name: 'disjoint halves of the users', dataA: () => first, data: () => second },
  { name: 'items dealt anew', data: dealt },
  { name: 'items renamed', data: renamed },
  { name: 'als and ease', b: ['--model', 'ease'] },
  { name: 'als and item2vec', b: ['--model', 'item2vec'] },
  {
    name: 'ease, 90 % of the data',
    a: ['--model', 'ease'],
    b: ['--model', 'ease'],
    data: () => sampled(0.9, 1),
  },
  { name: 'ease, twice the regularisation', a: ['--model', 'ease'], b: ['--model', 'ease', '--reg', '300'] },
];
const only = values.only?.split(',');

const files = new Map<readonly string[], string>();
function train(data: readonly string[], args: readonly string[]): string {
  const path = files.get(data) ?? write(`events-${String(files.size)}`, data);
  files.set(data, path);
  const common = values.train === '' ? [] : values.train.split(' ');
  const isAls = !args.includes('--model');
  const { snapshot } = run([
    ...['train', path, '--columns', values.columns, ...(isAls ? common : []), ...args],
  ]) as { snapshot: string };
  return snapshot;
}

const digits = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toFixed(3);
console.log(
  '| difference | overlap@10 | rbo | cosine | p10 | residual | recommendations | matched | mixed | rotated | verdict |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|---|');
try {
  for (const { name, a = [], b = [], data, dataA } of cases) {
    if (only !== undefined && !only.some((part) => name.startsWith(part))) continue;
    try {
      const [one, other] = [train(dataA?.() ?? lines, a), train(data?.() ?? lines, b)];
      const d = run(['diff-snapshots', one, other]) as DiffResult;
      const { drift, recommendations, skew } = d;
      const cells = [
        ...[name, digits(d.overlapAt10), digits(d.rbo), digits(drift?.meanCosine), digits(drift?.p10Cosine)],
        ...[
          digits(drift?.residual),
          digits(recommendations?.rbo),
          digits(skew?.matched),
          digits(skew?.mixed),
        ],
        ...[digits(skew?.rotated), d.verdict.kind],
      ];
      console.log(`| ${cells.join(' | ')} |`);
    } catch (error) {
      console.log(`| ${name} | ${error instanceof Error ? error.message.split('\n')[0] : String(error)} |`);
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
