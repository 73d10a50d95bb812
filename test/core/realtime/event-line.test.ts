import { describe, expect, it } from 'vitest';
import type { NewEntry } from '#dist/core/ledger/entry.js';
import { requireEntry } from '#dist/core/ledger/entry-line.js';
import { parseEventLine } from '#dist/core/realtime/event-line.js';

const nowMs = Date.UTC(2024, 5, 1);
const times = { fromMs: nowMs - 86_400_000, untilMs: nowMs + 600_000, nowMs };
const parse = (fields: object | string): NewEntry | string => {
  const text = typeof fields === 'string' ? fields : JSON.stringify(fields);
  const entry = parseEventLine({ offset: 7, text }, 'p', times);
  if (typeof entry !== 'string' && 'leftOut' in entry) throw new Error('nothing is left out here');
  return entry;
};
const play = { user: 'u', item: 'a' };
const long = 'x'.repeat(10_000);

describe('a line of a source', () => {
  it('is an entry that a ledger takes, or is told what it lacks, whatever it says', () => {
    const values = ['', ' ', long, '\ud800', '\0', 'é'.repeat(64), 'é'.repeat(65), 0, -1, 1e300, 0.5, null];
    const others = [true, {}, [], ['a'], { $date: 1 }, '2024-06-01', 'undo', 'artist'];
    const names = ['user', 'item', 'type', 'scope', 'weight', 'time', 'at', 'id', 'source', 'undoes'];
    for (const type of ['play', 'like', 'ban', 'undo'])
      for (const name of names)
        for (const value of [...values, ...others]) {
          const fields = { ...play, type, undoes: 'x', [name]: value };
          const entry = parse(fields);
          if (typeof entry !== 'string' && 'user' in entry) requireEntry(entry);
          else expect(entry.length, JSON.stringify(fields).slice(0, 200)).toBeLessThan(200);
        }
  });

  it('is told what is wrong with it', () => {
    expect(parse({ ...play, type: 'undo', undoes: '' })).toBe(
      'undoes an id that is no text of 1 to 128 bytes',
    );
    expect(parse({ ...play, type: 'undo', undoes: long })).toContain('undoes an id');
    expect(parse({ ...play, source: long })).toBe('has a source of more than 4096 bytes');
    expect(parse('{"user": "\\ud83d", "item": "a"}')).toBe('has as its user a text with half of a character');
    expect(parse({ ...play, time: { $date: 1 } })).toMatch(/^has a time that is not a time/);
    expect(parse({ ...play, time: true })).toMatch(/^has a time that is not a time/);
  });

  it('says with null what it says by leaving it out', () => {
    const nulls = { type: null, scope: null, weight: null, time: null, at: null, id: null, source: null };
    expect(parse({ ...play, ...nulls, undoes: null })).toEqual(parse(play));
    expect(parse({ ...play, source: '' })).toEqual(parse(play));
    expect(parse({ ...play, time: null, at: '2024-06-01' })).toMatchObject({ atMs: nowMs });
  });
});
