import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDisk } from '#dist/core/ledger/disk.js';
import type { LedgerReader, NewEntry } from '#dist/core/ledger/entry.js';
import { openLedger } from '#dist/core/ledger/open-ledger.js';
import type { Ledger } from '#dist/core/ledger/open-ledger.js';
import { openLedgerReader } from '#dist/core/ledger/open-reader.js';
import { entryOf } from '../../helpers/ledger-entries.js';
import { listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { words } from '../../helpers/words.js';

const temporaryDirectory = temporaryDirectories();
const newDirectory = (): string => join(temporaryDirectory(), 'feedback');
const context = listening();

/** So much that small journals are compacted by themselves. */
const early = 1 << 15;

async function withLedger<T>(
  directory: string,
  use: (ledger: Ledger) => Promise<T>,
  mostJournalBytes?: number,
): Promise<T> {
  const ledger = await openLedger(
    directory,
    context,
    mostJournalBytes === undefined ? {} : { mostJournalBytes },
  );
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}

function reading<T>(directory: string, use: (reader: LedgerReader) => T): T {
  const reader = openLedgerReader(directory)!;
  try {
    return use(reader);
  } finally {
    reader.close();
  }
}

/** All that a ledger answers, at every watermark. */
function answersOf(directory: string, users: readonly string[]): unknown {
  return reading(directory, (reader) => ({
    users: [...reader.users()],
    watermark: reader.watermark,
    of: Array.from({ length: reader.watermark + 1 }, (_, at) =>
      users.map((user) => reader.pinnedAt(at).of(user)),
    ),
  }));
}

const answersNow = (directory: string, users: readonly string[]): unknown =>
  reading(directory, (reader) => ({
    watermark: reader.watermark,
    users: [...reader.users()],
    held: users.map((user) => reader.of(user).length),
    entries: users.map((user) => reader.of(user)),
  }));

const tableIn = (directory: string): Buffer =>
  readFileSync(
    join(
      directory,
      readdirSync(directory).find((name) => name.startsWith('table-'))!,
    ),
  );

const userNames = ['a', 'b', 'ü', '\u{1f3b5}', '\uffee', 'c"\\\n', '__proto__'];
const entries = fc.array(
  fc.record({
    user: fc.constantFrom(...userNames),
    item: fc.constantFrom('x', 'y'),
    type: fc.constantFrom('play', 'ban', 'undo'),
    id: fc.constantFrom('1', '2', '3', '4', '5'),
    undoes: fc.constantFrom('1', '2', '9'),
    atMs: fc.integer({ min: 0, max: 5 }),
  }),
  { minLength: 1, maxLength: 8 },
);

describe('a compaction', () => {
  it('leaves whoever reads all users what they began with', async () => {
    await withLedger(newDirectory(), async (ledger) => {
      // More than is read at once.
      const users = Array.from({ length: 5000 }, (_, n) => `user-${n}`).sort();
      await ledger.add(users.map((user, n) => entryOf(user, 'x'.repeat(250), { id: `e${n}` })));
      await ledger.compact(context);
      const found: string[] = [];
      for (const user of ledger.reader.users()) {
        if (found.push(user) === 100) await ledger.forget('user-7', 1e15);
      }
      expect(found).toEqual(users);
      expect([...ledger.reader.users()]).toEqual(users.filter((user) => user !== 'user-7'));
    });
  });

  it('changes no answer, at any watermark; and the same lines give the same table, whenever it ran', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(entries, fc.boolean()), { maxLength: 5 }), async (groups) => {
        const [now, later] = [newDirectory(), newDirectory()];
        for (const [group, isCompacted] of groups) {
          const added = group.map(({ user, item, ...more }): NewEntry => entryOf(user, item, more));
          for (const directory of [now, later])
            await withLedger(directory, async (ledger) => {
              await ledger.add(added);
              if (isCompacted && directory === now) await ledger.compact(context);
            });
        }
        if (groups.length === 0) return;
        expect(answersOf(now, userNames)).toEqual(answersOf(later, userNames));
        for (const directory of [now, later])
          await withLedger(directory, async (ledger) => {
            const before = answersOf(directory, userNames);
            await ledger.compact(context);
            await ledger.verify(context);
            expect(answersOf(directory, userNames)).toEqual(before);
          });
        const bytes = [now, later].map((directory) => {
          const { ledger } = reading(directory, (reader) => ({ ledger: reader.ledger }));
          return tableIn(directory)
            .toString('latin1')
            .replaceAll(ledger, 'id')
            .replaceAll(/"sum":"\w+"\}\n\d+\n$/g, '');
        });
        expect(bytes[0]).toBe(bytes[1]);
      }),
      { numRuns: 8 },
    );
  });

  it('leaves one table and one journal, and a second one nothing to do', async () => {
    const directory = newDirectory();
    await withLedger(directory, async (ledger) => {
      await ledger.compact(context);
      expect(openLedgerReader(directory)).toBeUndefined();
      for (const item of ['x', 'y']) {
        await ledger.add([entryOf('u', item)]);
        await ledger.compact(context);
        await ledger.compact(context);
      }
      const names = readdirSync(directory).sort();
      expect(names).toEqual(words`acknowledged journal-3 key live.json lock-append lock-compact table-2`);
      expect(await ledger.verify(context)).toMatchObject({
        ...{ watermark: 2, entries: { table: 2, journals: 0 }, usersInTable: 1, leftOver: [] },
      });
    });
  });

  it('goes on in readers and writers of other processes', async () => {
    const directory = newDirectory();
    await withLedger(directory, (one) =>
      withLedger(directory, async (other) => {
        await one.add([entryOf('u', 'x', { id: 'a', position: { partition: 'p', offset: 4 } })]);
        await reading(directory, async (reader) => {
          const pin = reader.pin();
          for (let n = 0; n < 5; n++) {
            await other.compact(context);
            expect(await one.add([entryOf('u', 'x', { id: 'a' })])).toEqual([
              { id: 'a', leftOut: 'repeated' },
            ]);
            expect(await other.add([entryOf('u', 'z', { id: `b${n}` })])).toEqual([
              { id: `b${n}`, seq: n + 2 },
            ]);
            expect([...one.positions()]).toEqual([['p', 4]]);
            reader.refresh();
            expect(reader.of('u')).toHaveLength(n + 2);
            expect(pin.of('u').map(({ item }) => item)).toEqual(['x']);
          }
        });
      }),
    );
  });

  it('waits for those that append', async () => {
    const directory = newDirectory();
    await withLedger(directory, async (ledger) => {
      await ledger.add([entryOf('u', 'x')]);
      const other = openDisk(directory);
      expect(other.lock('append')).toBe(true);
      const compacted = ledger.compact(context);
      await setTimeout(20);
      other.close();
      await compacted;
    });
    expect(readdirSync(directory)).toContain('table-1');
  });

  it('runs by itself where the journals have grown', async () => {
    const directory = newDirectory();
    const many = Array.from({ length: 4500 }, (_, at) =>
      entryOf(`u${at % 750}`, 'x'.repeat(1000), { id: String(at) }),
    );
    await withLedger(directory, (ledger) => ledger.add(many));
    expect(readdirSync(directory)).toContain('table-1');
    expect(reading(directory, (reader) => [...reader.users()].length)).toBe(750);
    expect(reading(directory, (reader) => reader.of('u7').map(({ id }) => Number(id)))).toEqual([
      ...[7, 757, 1507, 2257, 3007, 3757],
    ]);
  });

  it('leaves the first table as it is where little was added, and makes one table of two when asked', async () => {
    const directory = newDirectory();
    const tables = (): string[] => readdirSync(directory).filter((name) => name.startsWith('table-'));
    const many = (from: number, count: number): NewEntry[] =>
      Array.from({ length: count }, (_, at) =>
        entryOf(`u${(from + at) % 70}`, 'x'.repeat(1000), {
          ...{ id: String(from + at), position: { partition: `p${from}`, offset: at } },
        }),
      );
    const users = ['u0', 'u7', 'u65', 'new', 'nobody'];
    await withLedger(directory, async (ledger) => {
      await ledger.add(many(0, 950));
      await ledger.compact(context);
      expect(tables()).toEqual(['table-1']);
    });
    for (const [from, generation] of [
      [1000, 2],
      [2000, 3],
    ] as const) {
      const added = [entryOf('new', 'y', { id: `n${from}` }), ...many(from, 100)];
      await withLedger(directory, (ledger) => ledger.add(added), early);
      expect(tables()).toEqual(['table-1', `table-${generation}`]);
    }
    expect(answersNow(directory, users)).toMatchObject({ watermark: 1152, held: [16, 16, 16, 2, 0] });
    await withLedger(directory, async (ledger) => {
      expect(await ledger.verify(context)).toMatchObject({
        ...{ entries: { table: 1152, journals: 0 }, usersInTable: 71, leftOver: [] },
      });
      expect(await ledger.add([...many(1000, 1), { ...many(7, 1)[0]!, position: undefined }])).toMatchObject([
        { leftOut: 'behind' },
        { leftOut: 'repeated' },
      ]);
      const before = answersNow(directory, users);
      await ledger.compact(context);
      expect(tables()).toEqual(['table-4']);
      expect(answersNow(directory, users)).toEqual(before);
      expect(await ledger.verify(context)).toMatchObject({ usersInTable: 71, leftOver: [] });
    });
  });

  it('leaves who is forgotten in no table', async () => {
    const directory = newDirectory();
    const big = (count: number): NewEntry[] =>
      Array.from({ length: count }, (_, at) => entryOf('u', 'x'.repeat(400), { id: `${count}/${at}` }));
    await withLedger(directory, async (ledger) => {
      await ledger.add([entryOf('alice', 'x'), ...big(500)]);
      await ledger.compact(context);
    });
    await withLedger(directory, (ledger) => ledger.add([entryOf('alice', 'y'), ...big(110)]), early);
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(['table-1', 'table-2']));
    await withLedger(directory, (ledger) => ledger.forget('alice', 1e13));
    for (const name of readdirSync(directory))
      expect(readFileSync(join(directory, name)).includes('alice'), name).toBe(false);
    expect(reading(directory, (reader) => [...reader.users()])).toEqual(['u']);
  });

  it('removes what one left that was killed', async () => {
    const directory = newDirectory();
    await withLedger(directory, async (ledger) => {
      await ledger.add([entryOf('u', 'x')]);
      await ledger.compact(context);
      await ledger.add([entryOf('u', 'y')]);
      for (const name of ['table-2', 'table-9', 'journal-1']) writeFileSync(join(directory, name), 'half');
      expect((await ledger.verify(context)).leftOver).toEqual(['journal-1', 'table-2', 'table-9']);
      await ledger.compact(context);
      expect((await ledger.verify(context)).leftOver).toEqual([]);
      expect(ledger.reader.of('u')).toHaveLength(2);
    });
  });
});

describe('a user who is forgotten', () => {
  it('is left out of every answer and file, and refused up to then for ever', async () => {
    const directory = newDirectory();
    await withLedger(directory, async (ledger) => {
      await ledger.add([entryOf('alice', 'x', { atMs: 5 }), entryOf('bob', 'x', { atMs: 5 })]);
      await ledger.compact(context);
      await ledger.add([entryOf('alice', 'y', { atMs: 9 }), entryOf('alice', 'later', { atMs: 11 })]);
      const reader = openLedgerReader(directory)!;
      expect(await ledger.forget('alice', 10)).toBe(true);
      reader.refresh();
      for (const each of [reader, ledger.reader]) {
        expect(each.of('alice').map(({ item }) => item)).toEqual(['later']);
        expect(each.pinnedAt(3).of('alice')).toEqual([]);
        expect([each.forgottenAt('alice'), each.forgottenAt('bob')]).toEqual([10, undefined]);
      }
      reader.close();
      const added = await ledger.add([
        ...[entryOf('alice', 'x', { id: 'again', atMs: 10 }), entryOf('alice', 'z', { id: 'new', atMs: 12 })],
        entryOf('bob', 'y', { id: 'bob', atMs: 1 }),
      ]);
      expect(added).toMatchObject([{ leftOut: 'forgotten' }, { seq: 6 }, { seq: 7 }]);
      expect(await ledger.forget('alice', 20)).toBe(true);
      await ledger.add([entryOf('bob', 'z', { atMs: 30 })]);
      await ledger.compact(context);
      expect(await ledger.verify(context)).toMatchObject({ usersInTable: 1, leftOver: [] });
    });
    for (const name of readdirSync(directory))
      expect(readFileSync(join(directory, name)).includes('alice'), name).toBe(false);
    expect(reading(directory, (reader) => [...reader.users()])).toEqual(['bob']);
  });

  it('stays so whoever opens the ledger, and needs its key', async () => {
    const directory = newDirectory();
    await withLedger(directory, async (ledger) => {
      expect(await ledger.forget('u', 10)).toBe(true);
      await ledger.add([entryOf('v', 'x')]);
    });
    await withLedger(directory, async (ledger) => {
      expect(await ledger.add([entryOf('u', 'x', { atMs: 10 })])).toMatchObject([{ leftOut: 'forgotten' }]);
    });
    const copy = newDirectory();
    mkdirSync(copy);
    for (const name of readdirSync(directory))
      if (name !== 'key') copyFileSync(join(directory, name), join(copy, name));
    expect(() => reading(copy, (reader) => reader.of('v'))).toThrow('key of the ledger');
  });
});

it('a damaged table is exit 4 at the byte where it is read, never another answer', async () => {
  const directory = newDirectory();
  const users = Array.from({ length: 300 }, (_, at) => `u${at}`);
  await withLedger(directory, async (ledger) => {
    await ledger.add(users.map((user) => entryOf(user, 'x')));
    await ledger.compact(context);
  });
  const path = join(directory, 'table-1');
  const bytes = readFileSync(path);
  const right = answersOf(directory, users.slice(0, 3));
  const damaged = expect.objectContaining({ code: 'damaged-ledger', exitCode: 4 }) as Error;
  for (let at = 0; at < bytes.length; at += 1999) {
    const forged = Buffer.from(bytes);
    forged[at]! ^= 1;
    writeFileSync(path, forged);
    await expect(
      (async () => withLedger(directory, (ledger) => ledger.verify(context)))(),
      `byte ${at}`,
    ).rejects.toEqual(damaged);
    try {
      expect(answersOf(directory, users.slice(0, 3))).toEqual(right);
    } catch (error) {
      expect(error).toEqual(damaged);
    }
  }
  for (const length of [0, 15, 100, bytes.length - 1]) {
    writeFileSync(path, bytes.subarray(0, length));
    expect(() => openLedgerReader(directory)).toThrow(damaged);
  }
});
