import { describe, expect, it } from 'vitest';
import type { EventSource, SourceEvent } from '#dist/core/realtime/source.js';

/** A source of one kind, to be put through what is promised of any. */
export interface SourceUnderTest {
  /** Opens it anew, as a program that was started again: with what was dealt with, to be read to its end. */
  open(known: ReadonlyMap<string, number>): EventSource;
  /** Sends an event, whether or not anyone reads. */
  send(event: Readonly<Record<string, unknown>>, id: string): Promise<void>;
}

/** Everything after what is known, by partition. */
export async function readToEnd(
  source: EventSource,
  known: ReadonlyMap<string, number> = new Map(),
): Promise<Map<string, SourceEvent[]>> {
  const read = new Map<string, SourceEvent[]>();
  for (;;) {
    const partitions = (await source.partitions()) ?? [];
    if (partitions.length === 0) break;
    for (const partition of partitions) {
      const events: SourceEvent[] = [];
      read.set(partition, events);
      for await (const batch of source.read(partition, known.get(partition) ?? 0)) events.push(...batch);
    }
  }
  source.close();
  return read;
}

const idsOf = (events: Iterable<SourceEvent>): unknown[] =>
  [...events].map(({ text }) => (JSON.parse(text) as { id: unknown }).id);

const placesOf = (events: readonly SourceEvent[]) => events.map(({ offset, text }) => ({ offset, text }));

/** What every source promises. `make` gives an empty one. */
export function describeSource(name: string, make: () => SourceUnderTest | Promise<SourceUnderTest>): void {
  describe(`the contract, by ${name}`, () => {
    const filled = async (count: number): Promise<SourceUnderTest> => {
      const source = await make();
      for (let n = 0; n < count; n++) await source.send({ user: `u${n % 3}`, item: 'a' }, `e${n}`);
      return source;
    };

    it('has no partitions where nothing was sent', async () => {
      expect([...(await readToEnd((await make()).open(new Map()))).values()].flat()).toEqual([]);
    });

    it('gives each event once, in order, at positions that rise', async () => {
      const read = await readToEnd((await filled(50)).open(new Map()));
      expect(idsOf([...read.values()].flat()).toSorted()).toEqual(
        Array.from({ length: 50 }, (_, n) => `e${n}`).toSorted(),
      );
      for (const events of read.values()) {
        const offsets = events.map(({ offset }) => offset);
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        expect(new Set(offsets).size).toBe(offsets.length);
        expect(offsets[0]).toBeGreaterThan(0);
      }
    });

    it('goes on after any position, with the same events at the same positions', async () => {
      const source = await filled(20);
      const all = await readToEnd(source.open(new Map()));
      for (const [partition, events] of all) {
        for (const [at, { offset }] of events.entries()) {
          const known = new Map([...all].map(([name, their]) => [name, their.at(-1)!.offset]));
          known.set(partition, offset);
          const rest = await readToEnd(source.open(known), known);
          expect(placesOf(rest.get(partition) ?? [])).toEqual(placesOf(events.slice(at + 1)));
        }
      }
    });

    it('gives what was sent after the end was reached', async () => {
      const source = await filled(3);
      const before = await readToEnd(source.open(new Map()));
      const known = new Map([...before].map(([partition, events]) => [partition, events.at(-1)!.offset]));
      await source.send({ user: 'u', item: 'b' }, 'later');
      const after = await readToEnd(source.open(known), known);
      expect(idsOf([...after.values()].flat())).toEqual(['later']);
    });

    it('can be left before its end', async () => {
      const source = (await filled(5)).open(new Map());
      const [partition] = (await source.partitions()) ?? [];
      for await (const batch of source.read(partition!, 0)) {
        expect(batch.length).toBeGreaterThan(0);
        break;
      }
      source.close();
    });
  });
}
