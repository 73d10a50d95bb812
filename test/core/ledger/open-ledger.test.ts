import { hash } from 'node:crypto';
import fs, {
  appendFileSync,
  chmodSync,
  cpSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { journalLine } from '#dist/core/files/journal.js';
import { readAcknowledged, slotOf } from '#dist/core/ledger/acknowledged-file.js';
import { dated } from '#dist/core/ledger/entry.js';
import type { Entry, EntryType, LedgerView, NewEntry } from '#dist/core/ledger/entry.js';
import { formatLive, parseLive } from '#dist/core/ledger/live-file.js';
import type { LiveJournal } from '#dist/core/ledger/live-file.js';
import { addWhole, openLedger } from '#dist/core/ledger/open-ledger.js';
import type { Ledger } from '#dist/core/ledger/open-ledger.js';
import { openLedgerReader } from '#dist/core/ledger/open-reader.js';
import { entryOf } from '../../helpers/ledger-entries.js';
import { listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const newDirectory = (): string => join(temporaryDirectory(), 'root', 'feedback');
const itemsOf = (entries: readonly Entry[]): (string | undefined)[] => entries.map(({ item }) => item);

async function withLedger<T>(directory: string, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await openLedger(directory, listening());
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}

const add = (directory: string, ...entries: Parameters<typeof entryOf>[]): Promise<unknown> =>
  withLedger(directory, (ledger) => ledger.add(entries.map((each) => entryOf(...each))));

describe('a ledger', () => {
  it('keeps what it acknowledged, with all that was said, for whoever opens it next', async () => {
    const directory = newDirectory();
    const all = entryOf('ünï', 'x"\n', {
      ...{ id: 'a', type: 'ban', scope: 'artist', weight: 5n, atMs: -7, source: 'radio' },
      answer: { snapshot: '0123456789abcdef', recipe: 'r', rank: 3 },
      position: { partition: 'p', offset: 0 },
    });
    const added = await withLedger(directory, (ledger) => ledger.add([all, entryOf('b', 'y')]));
    expect(added).toEqual([
      { id: 'a', seq: 1 },
      { id: 'b/y/play/1', seq: 2 },
    ]);
    const reader = openLedgerReader(directory)!;
    expect(reader.of('ünï')).toEqual([{ ...all, seq: 1 }]);
    expect(reader.of('b')).toMatchObject([{ item: 'y', seq: 2, weight: 1_000_000_000n }]);
    expect([reader.watermark, [...reader.users()]]).toEqual([2, ['b', 'ünï']]);
    expect(reader.ledger).toMatch(/^[0-9a-f]{16}$/);
    reader.close();
  });

  it('is there with the first entry', async () => {
    const directory = newDirectory();
    expect(openLedgerReader(directory)).toBeUndefined();
    await withLedger(directory, async (ledger) => {
      expect(ledger.reader.of('u')).toEqual([]);
      expect(openLedgerReader(directory)).toBeUndefined();
      await ledger.add([entryOf('u', 'x')]);
    });
    const names = readdirSync(directory).sort();
    expect(names).toEqual(['acknowledged', 'journal-1', 'key', 'live.json', 'lock-append']);
  });

  it('leaves out ids that a user has, and positions that are past', async () => {
    const directory = newDirectory();
    const at = (offset: number): object => ({ id: `e${offset}`, position: { partition: 'p', offset } });
    await add(directory, ['u', 'x', { id: 'a' }], ['u', 'y', at(5)]);
    const added = await withLedger(directory, (ledger) =>
      ledger.add([
        entryOf('u', 'x', { id: 'a' }),
        entryOf('v', 'z', { id: 'a' }),
        entryOf('v', 'w', at(5)),
        entryOf('v', 'w', at(6)),
        entryOf('v', 'w', { id: 'a' }),
        entryOf('u', 'z', { id: 'a' }),
      ]),
    );
    expect(added).toMatchObject([
      { id: 'a', leftOut: 'repeated' },
      { id: 'a', seq: 3 },
      { id: 'e5', leftOut: 'behind' },
      { id: 'e6', seq: 4 },
      { id: 'a', leftOut: 'conflict', holds: { user: 'v', item: 'z', seq: 3 } },
      { id: 'a', leftOut: 'conflict', holds: { user: 'u', item: 'x', seq: 1 } },
    ]);
    await withLedger(directory, (ledger) => {
      expect([...ledger.positions()]).toEqual([['p', 6]]);
      return Promise.resolve();
    });
  });

  it('takes under an id that a user has the same content alone, and has another added whole or not at all', async () => {
    const directory = newDirectory();
    const first = entryOf('u', 'x', { id: 'a', source: 'radio', answer: { snapshot: 's', rank: 1 } });
    await withLedger(directory, async (ledger) => {
      await ledger.add([first, { ...first, user: 'w', type: 'ban', weight: 0n, atMs: 7, saidMs: 9 }]);
      const same: Partial<NewEntry>[] = [
        ...[{}, { atMs: 99, isNow: true }, { position: { partition: 'p', offset: 3 } }],
        ...[{ id: 'b', formerId: 'a' }, { answer: { snapshot: 's', recipe: undefined, rank: 1 } }],
      ];
      const others: readonly Partial<NewEntry>[] = [
        ...[{ item: 'y' }, { type: 'like' as const }, { scope: 'artist' as const }, { weight: 2n }],
        ...[{ atMs: 2 }, { saidMs: 3 }, { source: undefined }, { answer: undefined }],
        ...[{ answer: { snapshot: 's', rank: 2 } }, { answer: { snapshot: 's', rank: 1, recipe: 'r' } }],
      ];
      const outcomeOf = (more: object): unknown => ledger.judge([{ ...first, ...more }])[0];
      for (const each of same)
        expect(outcomeOf(each), JSON.stringify(each)).toMatchObject({ leftOut: 'repeated' });
      for (const each of others) expect(outcomeOf(each)).toMatchObject({ leftOut: 'conflict', holds: first });
      // A ban weighs nothing, and a time that was beyond the clock is the same by a later clock.
      expect(outcomeOf({ user: 'w', type: 'ban', atMs: 8, saidMs: 9 })).toMatchObject({
        leftOut: 'repeated',
      });
      expect(outcomeOf({ user: 'w', type: 'ban', atMs: 9 })).toMatchObject({ leftOut: 'repeated' });
      expect(outcomeOf({ user: 'w', type: 'ban', atMs: 8 })).toMatchObject({ leftOut: 'conflict' });

      const both = [entryOf('v', 'x'), { ...first, type: 'ban' as const }];
      await expect(addWhole(ledger, both)).rejects.toMatchObject({
        ...{ code: 'id-conflict', exitCode: 2 },
        details: { given: { type: 'ban', source: 'radio' }, holds: { type: 'play', item: 'x' } },
      });
      expect(ledger.reader.of('v')).toEqual([]);
      expect(await addWhole(ledger, [first])).toEqual([{ id: 'a', leftOut: 'repeated' }]);
    });
  });

  it('dates what is given now after all that its user said, whatever clocks said, and keeps the dates', async () => {
    const directory = newDirectory();
    const say = (id: string, type: EntryType, now: number, said?: number): NewEntry => ({
      ...entryOf('u', 'x', { id, type }),
      ...dated(said, now),
    });
    const order = (view: LedgerView): unknown => view.of('u').map(({ id, atMs }) => [id, atMs]);
    // By a clock that is ahead, by a right one, by one that is behind; then three that bring their time.
    const all = [say('ahead', 'ban', 5000), say('right', 'unban', 100), say('behind', 'like', 50)];
    all.push(say('old', 'dislike', 6000, 90), say('not yet', 'play', 6000, 9000), say('then', 'ban', 101));
    const wanted = [
      ['old', 90],
      ['ahead', 5000],
      ['right', 5000],
      ['behind', 5000],
      ['not yet', 6000],
      ['then', 6000],
    ];
    await withLedger(directory, async (ledger) => {
      await ledger.add(all.slice(0, 1));
      await ledger.add(all.slice(1));
      expect(order(ledger.reader)).toEqual(wanted);
      await ledger.compact(listening());
    });
    await withLedger(directory, async (ledger) => {
      expect(order(ledger.reader)).toEqual(wanted);
      expect(await ledger.add(all)).toEqual(all.map(({ id }) => ({ id, leftOut: 'repeated' })));
      // Whoever was forgotten by a clock that is ahead may say something new at once.
      await ledger.forget('u', 7000);
      expect(await ledger.add([say('given', 'like', 102, 102), say('new', 'like', 102)])).toMatchObject([
        { leftOut: 'forgotten' },
        { seq: 8 },
      ]);
      expect(order(ledger.reader)).toEqual([['new', 7001]]);
    });
  });

  it('takes back what an undo names, whichever comes first', async () => {
    const directory = newDirectory();
    const undo = (id: string, undoes: string): Parameters<typeof entryOf> => [
      'u',
      'x',
      { id, undoes, type: 'undo', item: undefined },
    ];
    await add(directory, undo('u1', 'late'), ['u', 'x', { id: 'a' }], ['u', 'y', { id: 'b' }]);
    await add(directory, undo('u2', 'a'), ['u', 'z', { id: 'late' }], ['v', 'x', { id: 'a' }]);
    const reader = openLedgerReader(directory)!;
    expect(itemsOf(reader.of('u'))).toEqual(['y']);
    expect(itemsOf(reader.of('v'))).toEqual(['x']);
    expect(itemsOf(reader.pinnedAt(3).of('u'))).toEqual(['x', 'y']);
    reader.close();
  });

  it('orders what holds by time, then as it came', async () => {
    const directory = newDirectory();
    await add(directory, ['u', 'c', { atMs: 9 }], ['u', 'a', { atMs: 3 }], ['u', 'd', { atMs: 9 }]);
    const reader = openLedgerReader(directory)!;
    expect(itemsOf(reader.of('u'))).toEqual(['a', 'c', 'd']);
    reader.close();
  });

  it('shows a reader what was acknowledged before its refresh, and a pin what was known then', async () => {
    const directory = newDirectory();
    await add(directory, ['u', 'x']);
    const reader = openLedgerReader(directory)!;
    const pin = reader.pin();
    for (let n = 0; n < 20; n++) {
      await add(directory, ['u', `y${n}`]);
      expect(reader.of('u')).toHaveLength(n + 1);
      reader.refresh();
      expect(reader.of('u')).toHaveLength(n + 2);
    }
    expect([itemsOf(pin.of('u')), pin.watermark]).toEqual([['x'], 1]);
    reader.close();
  });

  it('adds what many ask for at the same time, from several processes, in groups', async () => {
    const directory = newDirectory();
    await withLedger(directory, (one) =>
      withLedger(directory, async (other) => {
        const asked = Array.from({ length: 400 }, (_, at) =>
          (at % 2 === 0 ? one : other).add([entryOf(`u${at % 7}`, `x${at}`)]),
        );
        const seqs = (await Promise.all(asked)).flat().map((each) => ('seq' in each ? each.seq : 0));
        expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
      }),
    );
  });

  it('adds more than one write takes', async () => {
    const directory = newDirectory();
    const entries = Array.from({ length: 6000 }, (_, at) =>
      entryOf(`u${at}`, 'x'.repeat(400), { id: String(at) }),
    );
    const added = await withLedger(directory, (ledger) => ledger.add(entries));
    expect(added.at(-1)).toEqual({ id: '5999', seq: 6000 });
    expect(openLedgerReader(directory)?.watermark).toBe(6000);
  });

  it('refuses an entry that it could not give back, and adds nothing then', async () => {
    const directory = newDirectory();
    const bad = [{ id: '' }, { id: 'x'.repeat(129) }, { user: '\ud800' }, { weight: -1n }, { atMs: NaN }];
    await withLedger(directory, async (ledger) => {
      for (const more of bad)
        await expect(ledger.add([entryOf('u', 'x'), entryOf('u', 'y', more)])).rejects.toMatchObject({
          code: 'bad-row',
        });
    });
    expect(openLedgerReader(directory)).toBeUndefined();
  });
});

describe('an fsync', () => {
  const { fdatasync } = fs;
  const fsyncIs = (other: (fd: number, callback: fs.NoParamCallback) => void): void => {
    fs.fdatasync = Object.assign(other, { __promisify__: fdatasync.__promisify__ });
    syncBuiltinESMExports();
  };
  afterEach(() => fsyncIs(fdatasync));

  it('holds nothing up: what is added meanwhile shares the next one, and is not seen before', async () => {
    const directory = newDirectory();
    await withLedger(directory, async (ledger) => {
      await ledger.add([entryOf('u', 'x')]);
      let numSyncs = 0;
      let sync = (): void => undefined;
      const begun = new Promise<void>((resolve) => {
        fsyncIs((fd, callback) => {
          numSyncs += 1;
          sync = () => {
            fdatasync(fd, callback);
          };
          if (numSyncs > 1) sync();
          resolve();
        });
      });
      const first = ledger.add([entryOf('u', 'y')]);
      await begun;
      const others = ['a', 'b', 'c'].map((item) => ledger.add([entryOf('u', item)]));
      ledger.reader.refresh();
      expect(itemsOf(ledger.reader.of('u'))).toEqual(['x']);
      sync();
      expect((await Promise.all([first, ...others])).flat()).toMatchObject(
        [2, 3, 4, 5].map((seq) => ({ seq })),
      );
      // Each group's lines, and then up to where they are acknowledged.
      expect(numSyncs).toBe(4);
      expect(ledger.reader.of('u')).toHaveLength(5);
    });
  });

  it('that failed acknowledges nothing, and what is added next is kept', async () => {
    const directory = newDirectory();
    await withLedger(directory, async (ledger) => {
      await ledger.add([entryOf('u', 'x')]);
      fsyncIs((_, callback) => {
        callback(Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'fdatasync' }));
      });
      await expect(ledger.add([entryOf('u', 'y')])).rejects.toMatchObject({ code: 'io-error' });
      fsyncIs(fdatasync);
      expect(await ledger.add([entryOf('u', 'z')])).toMatchObject([{ seq: 2 }]);
    });
    const reader = openLedgerReader(directory)!;
    expect(itemsOf(reader.of('u'))).toEqual(['x', 'z']);
    reader.close();
  });
});

describe('a damaged ledger', () => {
  const journal = (directory: string): string => join(directory, 'journal-1');

  it('goes on behind a last line that was cut short, wherever', async () => {
    const directory = newDirectory();
    await add(directory, ['u', 'x'], ['u', 'y']);
    const text = readFileSync(journal(directory), 'utf8');
    const first = text.indexOf('\n') + 1;
    for (const end of [first + 1, text.length - 30, text.length - 1]) {
      const copy = newDirectory();
      await add(copy, ['u', 'x']);
      // It was not acknowledged: a crash came before that.
      appendFileSync(journal(copy), text.slice(first, end));
      const reader = openLedgerReader(copy)!;
      expect(itemsOf(reader.of('u'))).toEqual(['x']);
      await add(copy, ['u', 'z']);
      reader.refresh();
      expect([itemsOf(reader.of('u')), reader.watermark]).toEqual([['x', 'z'], 2]);
      reader.close();
    }
  });

  it('is exit 4 where it ends before what was acknowledged, until told to go on with what is there', async () => {
    const directory = newDirectory();
    await add(directory, ['u', 'x'], ['u', 'y']);
    await add(directory, ['u', 'z']);
    const whole = readFileSync(journal(directory));
    for (let end = 0; end < whole.length; end += 5) {
      writeFileSync(journal(directory), whole.subarray(0, end));
      expect(() => openLedgerReader(directory), `${end} bytes`).toThrow(
        expect.objectContaining({
          ...{
            code: 'damaged-ledger',
            message: expect.stringMatching(/^journal-1 .* and 3 was acknowledged$/),
          },
          suggestions: [expect.any(String), expect.stringContaining('remove its file acknowledged')],
        }),
      );
    }
    rmSync(join(directory, 'acknowledged'));
    await add(directory, ['u', 'w']);
    const reader = openLedgerReader(directory)!;
    expect(itemsOf(reader.of('u'))).toEqual(['x', 'y', 'w']);
    reader.close();
  });

  it('goes on behind what was acknowledged: after a crash, or of a copy that was taken meanwhile', async () => {
    const directory = newDirectory();
    await add(directory, ['u', 'x']);
    const before = readFileSync(join(directory, 'acknowledged'));
    await add(directory, ['u', 'y']);
    writeFileSync(join(directory, 'acknowledged'), before);
    expect(openLedgerReader(directory)?.watermark).toBe(2);
    await add(directory, ['u', 'z']);
    truncateSync(journal(directory), readFileSync(journal(directory)).lastIndexOf('{'));
    expect(() => openLedgerReader(directory)).toThrow('its entries end at 2, and 3 was acknowledged');
  });

  it('writes what is acknowledged into the slot that says less, or is not whole', async () => {
    const directory = newDirectory();
    const path = join(directory, 'acknowledged');
    await add(directory, ['u', 'x']);
    const { ledger } = parseLive(readFileSync(join(directory, 'live.json'), 'utf8'));
    for (let seq = 2; seq < 6; seq++) {
      await add(directory, ['u', `x${seq}`]);
      const bytes = readFileSync(path);
      const { next } = readAcknowledged(bytes, ledger);
      expect([readAcknowledged(bytes, ledger).seq, next]).toEqual([seq, seq % 2 === 0 ? 0 : 4096]);
      // A write that was cut short leaves the seq of before; and is what is written next.
      writeFileSync(path, bytes.fill(0, 4096 - next, 4096 - next + 20));
      expect(readAcknowledged(bytes, ledger)).toEqual({ seq: seq - 1, next: 4096 - next });
      writeFileSync(path, bytes.fill(0, next, next + 20));
      expect(() => openLedgerReader(directory)).toThrow('acknowledged of the ledger is damaged: neither');
      const slot = slotOf(ledger, seq);
      writeFileSync(
        path,
        Buffer.concat([bytes.subarray(0, 4096 - next), slot, bytes.subarray(4096 - next + slot.length)]),
      );
    }
  });

  it('is exit 4 where its key, or what live.json says of a sealed journal, is not the one', async () => {
    const directory = newDirectory();
    await add(directory, ['u', 'x']);
    const [key, live] = ['key', 'live.json'].map((name) => join(directory, name)) as [string, string];
    const whole = readFileSync(key);
    writeFileSync(
      key,
      whole.map((byte, at) => (at === 31 ? byte ^ 128 : byte)),
    );
    expect(() => openLedgerReader(directory)).toThrow(
      'key of the ledger is damaged: it is not the one of live.json',
    );
    rmSync(key);
    expect(() => openLedgerReader(directory)).toThrow('key of the ledger is damaged: it is missing');
    writeFileSync(key, whole);
    appendFileSync(journal(directory), '{"torn');
    await add(directory, ['u', 'y']);
    const said = parseLive(readFileSync(live, 'utf8'));
    expect(said.journals).toMatchObject([
      { number: 1, watermark: 1 },
      { number: 2, bytes: null },
    ]);
    const [sealed, last] = said.journals as [LiveJournal, LiveJournal];
    writeFileSync(live, formatLive({ ...said, journals: [{ ...sealed, watermark: 2 }, last] }));
    expect(() => openLedgerReader(directory)).toThrow('its entries end at 1, and 2 was acknowledged');
  });

  it('is exit 4 where any other line is not what was written', async () => {
    const directory = newDirectory();
    await add(directory, ['u', 'x'], ['u', 'y'], ['u', 'z']);
    await add(directory, ['v', 'x']);
    const text = readFileSync(journal(directory), 'utf8');
    const last = text.lastIndexOf('\n', text.length - 2);
    for (let at = 0; at < last; at += 7) {
      const byte = text[at] === '1' ? '2' : '1';
      writeFileSync(journal(directory), text.slice(0, at) + byte + text.slice(at + 1));
      expect(() => openLedgerReader(directory), `byte ${at}`).toThrow(
        expect.objectContaining({ code: 'damaged-ledger', exitCode: 4 }),
      );
      await expect(openLedger(directory, listening())).rejects.toMatchObject({ code: 'damaged-ledger' });
    }
    writeFileSync(journal(directory), text.split('\n').toSpliced(1, 1).join('\n'));
    expect(() => openLedgerReader(directory)).toThrow('journal-1');
  });

  it('is exit 4 where live.json, or what it names, is gone or of a later version', async () => {
    const directory = newDirectory();
    await add(directory, ['u', 'x']);
    const live = join(directory, 'live.json');
    const text = readFileSync(live, 'utf8');
    vi.useFakeTimers({ toFake: ['performance'] });
    const refused = (change: () => void, code: string): void => {
      const reader = openLedgerReader(directory)!;
      change();
      // What no entry changes is looked at ten times a second.
      vi.advanceTimersByTime(110);
      expect(() => reader.refresh()).toThrow(expect.objectContaining({ code }));
      expect(() => reader.refresh()).toThrow(expect.objectContaining({ code }));
      reader.close();
      writeFileSync(live, text);
    };
    refused(() => writeFileSync(live, text.replace('"generation":0', '"generation":1')), 'damaged-ledger');
    refused(() => appendFileSync(live, 'x'), 'damaged-ledger');
    refused(() => rmSync(live), 'damaged-ledger');
    refused(() => writeFileSync(live, journalLine({ version: 2 })), 'newer-format');
    rmSync(live);
    await expect(add(directory, ['u', 'y'])).rejects.toMatchObject({ code: 'damaged-ledger' });
    vi.useRealTimers();
    // Whoever answers without it would recommend what was banned.
    expect(() => openLedgerReader(directory)).toThrow('live.json of the ledger is damaged: it is missing');
    truncateSync(join(directory, 'journal-1'));
    expect(openLedgerReader(directory)).toBeUndefined();
  });
});

describe('a ledger of an earlier version', () => {
  const golden = fileURLToPath(new URL('../../golden/ledger', import.meta.url));
  const answers: unknown = JSON.parse(readFileSync(join(golden, 'answers.json'), 'utf8'));
  const copied = (): string => {
    const directory = newDirectory();
    cpSync(join(golden, 'feedback'), directory, { recursive: true });
    chmodSync(directory, 0o700);
    for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o600);
    return directory;
  };
  const answersOf = (directory: string): unknown => {
    const reader = openLedgerReader(directory)!;
    const entries = ['ann', 'bob', 'cy', 'dee'].map((user) => [user, reader.of(user).map(({ id }) => id)]);
    const [users, forgottenAt] = [[...reader.users()], reader.forgottenAt('bob')];
    reader.close();
    return { watermark: reader.watermark, users, entries: Object.fromEntries(entries), forgottenAt };
  };

  it.each<[string, (ledger: Ledger) => Promise<unknown>, number]>([
    ['an add', (ledger) => ledger.add([entryOf('new', 'x')]), 8],
    ['a compaction', (ledger) => ledger.compact(listening()), 7],
    ['a forgetting', (ledger) => ledger.forget('nobody', 1), 8],
  ])('is read as it was, and checked and shared from its first write on: %s', async (_, write, seq) => {
    const directory = copied();
    expect(answersOf(directory)).toEqual(answers);
    expect(readdirSync(directory)).not.toContain('acknowledged');
    await withLedger(directory, write);
    const { key, ledger } = parseLive(readFileSync(join(directory, 'live.json'), 'utf8'));
    expect(key).toBe(hash('sha256', readFileSync(join(directory, 'key'))));
    const bytes = readFileSync(join(directory, 'acknowledged'));
    expect([bytes.length, readAcknowledged(bytes, ledger).seq]).toEqual([8192, seq]);
    for (const name of readdirSync(directory))
      expect(statSync(join(directory, name)).mode & 0o777, name).toBe(
        name.startsWith('lock-') ? 0o600 : 0o644,
      );
    expect(statSync(directory).mode & 0o777).toBe(0o755);
    if (seq === 7) expect(answersOf(directory)).toEqual(answers);
    writeFileSync(join(directory, 'key'), Buffer.alloc(32));
    expect(() => openLedgerReader(directory)).toThrow('key of the ledger is damaged');
  });
});

describe('a ledger that is open for writing', () => {
  const opened = (use: (ledger: Ledger, journal: string) => Promise<void>): Promise<void> => {
    const directory = newDirectory();
    return withLedger(directory, async (ledger) => {
      await ledger.add([entryOf('u', 'a'), entryOf('u', 'b')]);
      await use(ledger, join(directory, 'journal-1'));
    });
  };

  it.each<[string, (journal: string) => void]>([
    ['is gone', (journal) => rmSync(journal)],
    ['is cut', (journal) => truncateSync(journal, 20)],
    [
      'has less than was acknowledged',
      (journal) => {
        const lines = readFileSync(journal, 'utf8').split('\n');
        writeFileSync(`${journal}.new`, `${lines[0]!}\n`);
        renameSync(`${journal}.new`, journal);
      },
    ],
  ])('whose journal %s acknowledges nothing, until all is there again', async (_, damage) => {
    await opened(async (ledger, journal) => {
      const whole = readFileSync(journal);
      damage(journal);
      for (let times = 0; times < 2; times++)
        await expect(ledger.add([entryOf('u', 'c')])).rejects.toMatchObject({ code: 'damaged-ledger' });
      writeFileSync(journal, whole);
      expect(await ledger.add([entryOf('u', 'c')])).toMatchObject([{ seq: 3 }]);
    });
  });

  it('writes to the file that has the name of its journal now', async () => {
    await opened(async (ledger, journal) => {
      writeFileSync(`${journal}.new`, readFileSync(journal));
      renameSync(`${journal}.new`, journal);
      expect(await ledger.add([entryOf('u', 'c')])).toMatchObject([{ seq: 3 }]);
      expect(readFileSync(journal, 'utf8').trimEnd().split('\n')).toHaveLength(3);
    });
  });
});
