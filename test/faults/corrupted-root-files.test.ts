/**
 * What stands beside the snapshots, cut at every byte and with a bit of it flipped, before a release each of its bits: the
 * right answer, or an error that names it.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { checkpointChunks, openCheckpoint } from '#dist/core/checkpoints/checkpoint-file.js';
import { openCheckpoints } from '#dist/core/checkpoints/checkpoints.js';
import { readChanges } from '#dist/core/publishing/history-changes.js';
import { repairHistory } from '#dist/core/snapshot/publication-log.js';
import { checkpointName, rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { readCurrent, resolveReference } from '#dist/core/snapshot/resolve-reference.js';
import { stampHolds } from '#dist/core/snapshot/stamp.js';
import { openLedger } from '#dist/core/ledger/open-ledger.js';
import { openLedgerReader } from '#dist/core/ledger/open-reader.js';
import { publish } from '#dist/core/tasks/publish.js';
import { openTrialsFile } from '#dist/core/evaluation/tuning/trials-file.js';
import { canaryHere } from '../helpers/canary-here.js';
import { isFullTest, isNightly } from '../helpers/full-tests.js';
import { entryOf } from '../helpers/ledger-entries.js';
import { idA, idB, idC, listening, makeSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { words } from '../helpers/words.js';

const keptDirectory = temporaryDirectories('file');
/** Of its bits, those that are flipped; and each byte has a cut before it. */
const [flipsAByte, each] = isNightly ? [8, 1] : isFullTest() ? [1, 1] : [1, 3];
const harms = (bytes: number, step = each): number => Math.ceil(bytes / step) * (flipsAByte + 1);
let root: string;

beforeAll(async () => {
  root = keptDirectory();
  for (const [at, id] of [idA, idB, idC].entries()) {
    await makeSnapshot(root, id, { value: at, ...(id === idB ? { tag: 'mine' } : {}) });
    const why = `the ${at}th "," one`;
    await canaryHere(() => publish({ root, snapshot: id, require: [], dryRun: false, why }, listening()));
  }
});

/** The bytes, each time with one bit flipped, or cut. */
function* harmed(bytes: Buffer, step: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += step) {
    for (let bit = at; bit < at + flipsAByte; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (bit & 7);
      yield flipped;
    }
    yield bytes.subarray(0, at);
  }
}

/** What `ask` gives for each of them: how often it was right, and the codes of its errors; anything else fails. */
async function outcomes(
  path: string,
  ask: () => unknown,
  isRight: (answer: unknown) => boolean,
  put: (bytes: Buffer) => void = (bytes) => writeFileSync(path, bytes),
  bytes = readFileSync(path),
  step = each,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const other of harmed(bytes, step)) {
    put(other);
    let outcome = 'right';
    try {
      const answer = await ask();
      if (!isRight(answer))
        throw new Error(`${JSON.stringify(answer)} for ${JSON.stringify(other.toString('latin1'))}`);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      outcome = error.code;
    }
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  put(bytes);
  return counts;
}

const sum = (counts: Map<string, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);

describe('the history', () => {
  let path: string;
  beforeEach(() => {
    path = rootPath.history(root);
  });

  it('never names another snapshot as the one before', async () => {
    const size = readFileSync(path).length;
    // Whose last lines are all gone is a shorter history, as after a power cut: it can only know less.
    const older = (answer: unknown): boolean =>
      answer === idB || (answer === idA && readFileSync(path).length < size);
    const counts = await outcomes(path, () => resolveReference(root, 'previous'), older);
    expect(sum(counts)).toBe(harms(size));
    expect(counts.get('right')).toBeGreaterThan((7 / 9) * harms(size));
    expect([...counts.keys()].sort()).toEqual(['right', 'snapshot-not-found']);
  });

  it('tells no change that was not made', async () => {
    const told = (): unknown[] =>
      readChanges(root, readCurrent(root)).changes.map((change) => ({ ...change }));
    const made = new Set(told().map((change) => JSON.stringify(change)));
    expect(made.size).toBe(3);
    const isRight = (changes: unknown): boolean =>
      (changes as { outcome: string }[]).every(
        // An intent whose outcome is not readable is told as what it is.
        (change) => made.has(JSON.stringify({ ...change, outcome: 'done' })),
      );
    expect(await outcomes(path, told, isRight)).toEqual(
      new Map([['right', harms(readFileSync(path).length)]]),
    );
  });

  it('of a megabyte without a line feed is cut off whole, and goes on', () => {
    const whole = readFileSync(path);
    writeFileSync(path, Buffer.concat([whole, Buffer.alloc(3 << 20, 'x')]));
    repairHistory(root);
    expect(readFileSync(path).equals(whole)).toBe(true);
  });
});

it.each([
  ['current', () => rootPath.current(root), idC],
  ['latest', () => rootPath.latest(root), idC],
  ['mine', () => rootPath.tag(root, 'mine'), idB],
])('a link %s leads to its snapshot or nowhere', async (name, pathIn, id) => {
  const path = pathIn();
  const put = (bytes: Buffer): void => {
    // What cannot be the text of a link never was.
    if (bytes.length === 0 || bytes.includes(0)) return;
    rmSync(path);
    symlinkSync(bytes, path);
  };
  const link = Buffer.from(readlinkSync(path));
  const isRight = (answer: unknown): boolean => answer === id;
  const counts = await outcomes(path, () => resolveReference(root, name), isRight, put, link);
  expect(counts.get('damaged-root')).toBeGreaterThan((2 / 3) * harms(link.length));
});

it('a stamp that is harmed in any bit is one that does not hold, or holds for the very same files', async () => {
  const path = rootPath.snapshot(root, idA);
  const manifest = readManifest(join(path, 'manifest.json'));
  (await openForReading(root, idA, listening())).close();
  expect(stampHolds(root, path, manifest)).toBe(true);
  const stamp = rootPath.stamp(root, idA);
  rmSync(stamp);
  expect(stampHolds(root, path, manifest)).toBe(false);
  (await openForReading(root, idA, listening())).close();
  // The stamp's file is read-only, and put there by a rename.
  const put = (bytes: Buffer): void => {
    rmSync(stamp, { force: true });
    writeFileSync(stamp, bytes);
  };
  let held = 0;
  const ask = (): unknown => (held += stampHolds(root, path, manifest) ? 1 : 0);
  const { length } = readFileSync(stamp);
  const counts = await outcomes(stamp, ask, () => true, put, readFileSync(stamp));
  // White space behind the JSON, at most: what it says is what must be the same.
  expect(held).toBeLessThan(20);
  expect(sum(counts)).toBe(harms(length));
});

it('a file of trials never gives another score', async () => {
  const path = join(root, 'trials.jsonl');
  const trial = (number: number) => ({
    model: 'als',
    trial: number,
    rung: 0,
    options: { reg: 0.1 },
    ...{ epochs: 4, score: 0.25 },
    groups: [0.25, 0.5],
    seconds: 1.5,
  });
  const file = openTrialsFile(path, 'abc');
  file.append(trial(1));
  file.append(trial(2));
  file.close();
  const ask = (): unknown => {
    const opened = openTrialsFile(path, 'abc');
    try {
      return [1, 2].map((number) => opened.find('als', number, 0) ?? null);
    } finally {
      opened.close();
    }
  };
  const right = [1, 2].flatMap((number) => [null, trial(number)]).map((each) => JSON.stringify(each));
  const counts = await outcomes(path, ask, (answer) =>
    (answer as unknown[]).every((each) => right.includes(JSON.stringify(each))),
  );
  expect(counts.get('bad-input-file')).toBeGreaterThan(harms(readFileSync(path).length) / 3);
});

describe('a ledger', () => {
  let directory: string;
  const answer = (): string => {
    const reader = openLedgerReader(directory)!;
    try {
      const users = [...reader.users()].map((user) => [
        user,
        reader.of(user).map(({ seq, id }) => [seq, id]),
      ]);
      return JSON.stringify([reader.watermark, users, reader.forgottenAt('v')]);
    } finally {
      reader.close();
    }
  };

  beforeAll(async () => {
    directory = join(keptDirectory(), 'feedback');
    const ledger = await openLedger(directory, listening());
    await ledger.add([entryOf('u', 'x'), entryOf('v', 'x')]);
    await ledger.forget('v', 5);
    await ledger.add([entryOf('u', 'y')]);
    await ledger.close();
    // What a crash cut short seals a journal.
    appendFileSync(join(directory, 'journal-2'), '{"seq":');
    const again = await openLedger(directory, listening());
    await again.add([entryOf('u', 'z')]);
    await again.close();
  });

  it.each(['live.json', 'key', 'acknowledged', 'journal-2', 'journal-3', 'table-1'])(
    'answers as before, or is refused, with any harm to %s',
    async (name) => {
      const right = answer();
      expect(right).toContain('[5,[["u",[[1,"u/x/play/1"],[4,"u/y/play/1"],[5,"u/z/play/1"]]]],5]');
      const path = join(directory, name);
      const bytes = readFileSync(path);
      // Most of what is large is zeros.
      const step = isFullTest() ? 1 : Math.max(each, Math.floor(bytes.length / 100));
      const isRight = (given: unknown): boolean => given === right;
      const counts = await outcomes(path, answer, isRight, undefined, bytes, step);
      expect([...counts.keys()].sort()).toEqual(
        expect.arrayContaining(name === 'acknowledged' ? ['right'] : ['damaged-ledger']),
      );
      const refused = counts.get('damaged-ledger') ?? 0;
      expect(refused + (counts.get('right') ?? 0)).toBe(harms(bytes.length, step));
      // Zeros between, a slot of two, and what a crash cut short do no harm.
      if (!['acknowledged', 'table-1'].includes(name))
        expect(refused).toBeGreaterThanOrEqual(harms(bytes.length - '{"seq":'.length, step) - 2);
    },
  );
});

describe('a checkpoint', () => {
  const training = 'abcdabcdabcdabcd';
  const content = {
    training,
    epoch: 3,
    progress: { loss: [1, 2] },
    arrays: new Map([['users', new Uint8Array(64).fill(7)]]),
  };
  const bytes = Buffer.concat([...checkpointChunks(content)]);

  it('is read as it was written, or refused, whatever its name says', async () => {
    const path = join(root, 'checkpoint');
    writeFileSync(path, bytes);
    const ask = (): unknown => {
      const opened = openCheckpoint(path);
      try {
        // Who opens it takes what it says for sizes.
        for (const [name, size] of opened.sizes) {
          expect(size).toBeLessThanOrEqual(bytes.length);
          opened.readInto(name, new Uint8Array(size));
        }
        return opened.epoch;
      } finally {
        opened.close();
      }
    };
    const counts = await outcomes(path, ask, (epoch) => Number.isSafeInteger(epoch));
    expect([...counts.keys()].sort()).toEqual(['damaged-snapshot', 'right']);
    expect(counts.get('damaged-snapshot')).toBeGreaterThan(harms(bytes.length) / 2);
  });

  it.each(words`null 1 {} {"training":"x","epoch":1,"progress":0,"arrays":{}}
    {"training":"x","epoch":1,"progress":0,"arrays":[["a",-5]]}
    {"training":"x","epoch":1,"progress":0,"arrays":[["a",1e300]]}`)(
    'with the head %s is refused',
    (head) => {
      const path = join(root, 'checkpoint');
      const forged = Buffer.concat([bytes.subarray(0, 12), Buffer.from(head), Buffer.alloc(64)]);
      forged.writeUInt32LE(head.length, 8);
      writeFileSync(path, forged);
      expect(() => openCheckpoint(path)).toThrow(expect.objectContaining({ code: 'damaged-snapshot' }));
    },
  );

  it('that states a head of gigabytes is refused before anything is allocated for it', () => {
    const path = join(root, 'checkpoint');
    const forged = Buffer.from(bytes);
    forged.writeUInt32LE(60 << 20, 8);
    writeFileSync(path, forged);
    expect(() => openCheckpoint(path)).toThrow('its header is cut off');
  });

  it('is passed over where its bytes are not those of its name, for the one before it', async () => {
    const name = (epoch: number, file: Buffer): string =>
      join(
        rootPath.checkpoints(root, training),
        checkpointName(epoch, createHash('sha256').update(file).digest('hex')),
      );
    const first = await openCheckpoints(root, training, listening());
    first?.close();
    writeFileSync(name(3, bytes), bytes);
    const later = Buffer.concat([...checkpointChunks({ ...content, epoch: 4 })]);
    const path = name(4, later);
    let refused = 0;
    for (let at = 0; at < later.length; at += 5) {
      const flipped = Buffer.from(later);
      flipped[at]! ^= 1 << (at & 7);
      writeFileSync(path, flipped);
      const context = listening();
      const checkpoints = await openCheckpoints(root, training, context);
      expect(checkpoints?.found?.epoch).toBe(3);
      checkpoints?.close();
      refused += context.told.filter(({ kind }) => kind === 'warning').length;
    }
    expect(refused).toBe(Math.ceil(later.length / 5));
  });
});
