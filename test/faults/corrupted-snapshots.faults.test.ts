/**
 * Thousands of corrupted files of every kind, read as the commands read them. A child reads one after the other; it must
 * never die, hang, or give an answer that the undamaged snapshot does not give. SEGUE_FAULTS=release takes a hundred
 * times as many.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { seededKinds } from '../helpers/damage/damage.mjs';
import { everyNth } from '../helpers/fault-sweep.js';
import { makeModelSnapshots } from '../helpers/damage/model-snapshots.js';
import type { ModelSnapshots } from '../helpers/damage/model-snapshots.js';
import { runCases } from '../helpers/damage/watched-children.js';
import type { Death, Said } from '../helpers/damage/watched-children.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { makeFolder } from '../helpers/trained-root.js';
import { isNightly } from '../helpers/full-tests.js';
import { words } from '../helpers/words.js';

const [flipsAFile, forgedAKind, forgedManifests] = isNightly ? [5_000, 40, 3_000] : [10, 1, 50];

const readerProcess = fileURLToPath(new URL('../helpers/damage/reader-process.mjs', import.meta.url));
const readers = [
  'similar',
  'recommend',
  'userVector',
  'browse',
  'misspelt',
  'stranger',
  'index',
  'tables',
  'everyone',
] as const;
type Reader = (typeof readers)[number] | 'publishDry' | 'publish' | 'verify' | 'canary' | 'realCanary';

interface Outcome {
  readonly answer?: string;
  readonly bug?: string;
  readonly code?: string;
  readonly exitCode?: number;
  readonly message?: string;
  readonly file?: string;
}

interface Damage {
  readonly kind: string;
  readonly seed?: number;
  readonly at?: number;
  readonly file?: string;
}

interface Case {
  readonly number: number;
  readonly sums: 'left' | 'forged';
  readonly id: string;
  readonly file: string;
  readonly damage: Damage;
  readonly way?: 'replaced' | 'inPlace' | 'mtimeKept';
  readonly stamped?: boolean;
  readonly reads: readonly Reader[];
}

interface Ended {
  readonly one: Case;
  readonly different: boolean;
  readonly outcomes: Readonly<Partial<Record<Reader, Outcome>>>;
  readonly death?: Death;
}

const keptDirectory = temporaryDirectories('file');
const folder = makeFolder();
let made: ModelSnapshots;
/** The files that are damaged, each kind once: [id, file]. */
let artefacts: [string, string][];

beforeAll(async () => {
  made = await makeModelSnapshots(folder);
  const { als, item2vec, ease, slim, popularity } = made.ids;
  const filesOf = (id: string): string[] =>
    Object.keys(readManifest(join(made.root, 'snapshots', id, 'manifest.json')).files);
  artefacts = [
    ...[...filesOf(als), 'manifest.json'].map((file): [string, string] => [als, file]),
    ...['model/item.npy', 'model/input.npy', 'users/users.npy'].map((file): [string, string] => [
      item2vec,
      file,
    ]),
    [ease, 'model/similarity.npy'],
    ...['indptr', 'idx', 'weight'].map((part): [string, string] => [slim, `model/similarity.${part}.npy`]),
    [popularity, 'model/score.npy'],
  ];
  expect(artefacts).toHaveLength(36);
});

afterAll(() => folder.remove());

/** Runs cases in children over copies of the root, and returns how they ended, by number. */
async function run(
  cases: readonly Case[],
): Promise<{ ended: Ended[]; openFiles: number; peakBytes: number }> {
  const ended: Ended[] = [];
  let openFiles = 0;
  let peakBytes = 0;
  const command = (): { program: string; args: string[] } => {
    const root = join(keptDirectory(), 'root');
    cpSync(made.root, root, { recursive: true, verbatimSymlinks: true });
    return { program: readerProcess, args: [root, JSON.stringify(made.ids)] };
  };
  await runCases(cases, { command, children: 2, silenceMs: 600_000 }, (one, end) => {
    if ('end' in end) {
      ended.push({ one, different: true, outcomes: {}, death: end as Death });
      return;
    }
    const { different, outcomes, ...child } = end as Said & Pick<Ended, 'different' | 'outcomes'>;
    ended.push({ one, different, outcomes });
    openFiles = Math.max(openFiles, Number(child['openFiles']));
    peakBytes = Math.max(peakBytes, Number(child['peakBytes']));
  });
  return { ended, openFiles, peakBytes };
}

function describeCase({ one, outcomes, death }: Ended): string {
  const { id, file, damage, way, sums, stamped } = one;
  return JSON.stringify({ id, file, damage, way, sums, stamped, death, outcomes }).slice(0, 1_500);
}

/** Every cut, page and exchange, and as many flipped bits as are asked for. */
function everyDamage(id: string, file: string, flips: number): Damage[] {
  const others = artefacts
    .filter(([otherId, other]) => otherId === id && other !== file)
    .map(([, other]) => other);
  return [
    ...[0, 4, 8, 100, 0.5, -1, -8, -4096].map((at) => ({ kind: 'cut', at })),
    ...Array.from({ length: flips }, (_, seed) => ({ kind: 'flip', seed })),
    ...seeds(seededKinds, 2),
    ...others.slice(0, 3).map((other) => ({ kind: 'swap', file: other })),
    // The same events have the same histories and ids in whatever model: there is nothing to mistake.
    ...(id === made.ids.als && ofModel.has(file) ? [{ kind: 'other' }] : []),
  ];
}

const ofModel = new Set(['model/item.npy', 'model/eigenvalues.npy', 'users/users.npy', 'manifest.json']);

function seeds(kinds: readonly string[], count: number, from = 0): Damage[] {
  return kinds.flatMap((kind) => Array.from({ length: count }, (_, at) => ({ kind, seed: from + at })));
}

/** All cases ended, each was really damaged, and no child died or hung over it, or met a bug. */
function expectHarmless(
  cases: readonly Case[],
  { ended, openFiles, peakBytes }: Awaited<ReturnType<typeof run>>,
): void {
  expect(ended).toHaveLength(cases.length);
  const bad = ended.filter(
    ({ death, different, outcomes }) =>
      death !== undefined || !different || Object.values(outcomes).some(({ bug }) => bug !== undefined),
  );
  expect(bad.map(describeCase).slice(0, 10)).toEqual([]);
  // Whatever went wrong, what was opened is closed; and nothing was allocated by what a damaged file says.
  expect(openFiles).toBeLessThan(40);
  expect(peakBytes).toBeLessThan(600 * 2 ** 20);
}

/** For people: how many of each kind. */
function report(title: string, { ended }: Awaited<ReturnType<typeof run>>): void {
  const kinds = new Map<string, number>();
  for (const { one } of ended) kinds.set(one.damage.kind, (kinds.get(one.damage.kind) ?? 0) + 1);
  const list = [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
  process.stderr.write(`\n${title}: ${ended.length} corrupted files of ${artefacts.length} kinds: ${list}\n`);
}

/** Damage that an earlier verification does not notice: of the same size. */
const unnoticed = words`flip flips ends number numbers digit zeroPage pageTwice noise noiseBehind`;

describe('a file whose checksum was left alone', () => {
  it('is refused by name by whoever reads or publishes it, however it was damaged', async () => {
    const cases = artefacts
      .flatMap(([id, file]) => everyDamage(id, file, flipsAFile).map((damage) => ({ id, file, damage })))
      .map((each, number): Case => ({
        ...each,
        number,
        sums: 'left',
        way: number % 2 === 0 ? 'replaced' : 'inPlace',
        stamped: number % 3 > 0,
        reads: [readers[number % readers.length]!, number % 2 === 0 ? 'publish' : 'publishDry'],
      }));
    expect(cases.length).toBeGreaterThan(isNightly ? 100_000 : 900);
    const result = await run(cases);
    report('sums left alone', result);
    expectHarmless(cases, result);
    const silent = result.ended.filter(({ one, outcomes }) =>
      Object.values(outcomes).some(
        ({ exitCode, message }) => exitCode !== 4 || message?.includes(one.file) !== true,
      ),
    );
    expect(silent.map(describeCase).slice(0, 10)).toEqual([]);
  });

  it('and whose time was set back is found by publish and verify; who trusts its stamp is not brought down by it', async () => {
    const cases = artefacts
      .filter(([, file]) => file !== 'manifest.json')
      .flatMap(([id, file]) =>
        everyNth(seeds(unnoticed, isNightly ? 20 : 1), 3, file.length).map((damage) => ({
          id,
          file,
          damage,
        })),
      )
      .map((each, number): Case => ({
        ...each,
        number,
        sums: 'left',
        way: 'mtimeKept',
        stamped: true,
        reads: ['publishDry', ...[0, 4].map((at) => readers[(number + at) % readers.length]!), 'verify'],
      }));
    const result = await run(cases);
    report('under a stamp', result);
    expectHarmless(cases, result);
    const missed = result.ended.filter(({ one, outcomes: { publishDry, verify } }) =>
      [publishDry, verify].some(
        (found) => found?.exitCode !== 4 || found.message?.includes(one.file) !== true,
      ),
    );
    expect(missed.map(describeCase).slice(0, 10)).toEqual([]);
    // A stamp says that the files are those that were verified; who changes them and hides it is believed, until then.
    expect(result.ended.some(({ outcomes: { recommend } }) => recommend?.answer !== undefined)).toBe(true);
  });
});

it('a snapshot whose checksums were forged to fit is refused, or read: nobody dies, hangs, or takes what it says for a size', async () => {
  const files = artefacts.flatMap(([id, file]) =>
    file === 'manifest.json'
      ? seeds(['field'], forgedManifests).map((damage) => ({ id, file, damage }))
      : [...everyDamage(id, file, 0), ...seeds(seededKinds, forgedAKind, 10)].map((damage) => ({
          id,
          file,
          damage,
        })),
  );
  const cases = everyNth(files, 3).map((each, number): Case => {
    const few = [0, 4].map((at) => readers[(number + at) % readers.length]!);
    // Every so often, the real one.
    return { ...each, number, sums: 'forged', reads: number % 60 === 0 ? ['realCanary', ...few] : few };
  });
  const result = await run(cases);
  report('sums forged', result);
  expectHarmless(cases, result);
  const count = (reader: Reader, wanted: (outcome: Outcome) => boolean): number =>
    result.ended.filter(({ outcomes }) => outcomes[reader] !== undefined && wanted(outcomes[reader])).length;
  // Both happened, often: what cannot be used is refused before anyone reads it, what can be used is read.
  expect(count('canary', ({ exitCode }) => exitCode === 4)).toBeGreaterThan(cases.length / 5);
  expect(count('canary', ({ answer }) => answer !== undefined)).toBeGreaterThan(cases.length / 10);
});
