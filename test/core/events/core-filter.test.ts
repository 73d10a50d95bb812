import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedPairs, failureOf, plainPairs, readEvents } from '../../helpers/event-oracle.js';
import type { PlainEvent } from '../../helpers/event-oracle.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
let made = 0;

function fileOf(events: readonly PlainEvent[]): string {
  const directory = join(makeDirectory(), String((made += 1)));
  mkdirSync(directory);
  const path = join(directory, 'e.csv');
  const rows = events.map(({ user, item, time }) => `${user},${item},${time ?? ''}`);
  writeFileSync(path, ['user,item,time', ...rows, ''].join('\n'));
  return path;
}

/** Leaves out one user or item after the other, in no particular order, until all have enough. */
function core(
  events: readonly PlainEvent[],
  minUserItems: number,
  minItemUsers: number,
): readonly PlainEvent[] {
  const numOf = (key: 'user' | 'item', other: 'user' | 'item', id: string): number =>
    new Set(events.filter((event) => event[key] === id).map((event) => event[other])).size;
  const user = events.find((event) => numOf('user', 'item', event.user) < minUserItems)?.user;
  if (user !== undefined)
    return core(
      events.filter((event) => event.user !== user),
      minUserItems,
      minItemUsers,
    );
  const item = events.find((event) => numOf('item', 'user', event.item) < minItemUsers)?.item;
  return item === undefined
    ? events
    : core(
        events.filter((event) => event.item !== item),
        minUserItems,
        minItemUsers,
      );
}

describe('users and items with too little', () => {
  it('are left out until all have enough, and the rest is as if they had never been there', async () => {
    const event = fc.record({
      user: fc.constantFrom('a', 'b', 'c', 'd', 'é'),
      item: fc.constantFrom('u', 'v', 'w', 'x', 'y'),
      time: fc.constantFrom(undefined, 1e12, 2e12),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        async (all, minUserItems, minItemUsers) => {
          const events = all.map(({ user, item, time }) => ({
            user,
            item,
            ...(time === undefined ? {} : { time }),
          }));
          const left = core(events, minUserItems, minItemUsers);
          const reading = readEvents(fileOf(events), { minUserItems, minItemUsers });
          if (left.length === 0) {
            expect(await failureOf(reading)).toMatchObject({ code: 'empty-input' });
            return;
          }
          const { interactions } = await reading;
          expect(plainPairs(interactions)).toEqual(expectedPairs(left));
          expect(interactions.numEvents).toBe(left.length);
          const times = left.flatMap(({ time }) => (time === undefined ? [] : [time]));
          expect(interactions.lastAt).toBe(times.length === 0 ? null : BigInt(Math.max(...times)));
        },
      ),
      { numRuns: 8 },
    );
  });

  it('are named where nothing is left', async () => {
    const error = await failureOf(readEvents(fileOf([{ user: 'a', item: 'x' }]), { minUserItems: 2 }));
    expect(error.message).toMatch(/^no event is left: no set of users with at least 2 items/);
  });
});
