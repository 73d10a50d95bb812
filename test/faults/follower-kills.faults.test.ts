import { appendFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runOrKill, stateDigest } from '../helpers/follower-runs.js';
import { isNightly } from '../helpers/full-tests.js';
import { prepare } from '../helpers/prepared.js';
import { classicRock, makeFolder } from '../helpers/trained-root.js';

/** SEGUE_TEST_EVENTS=1000000 makes it as many events, and minutes. */
const numEvents = Number(process.env['SEGUE_TEST_EVENTS'] ?? (isNightly ? 100_000 : 10_000));
const [kills, numUsers, rotateEvery] = [isNightly ? 100 : 10, 2000, 3];

const folder = makeFolder();
afterAll(() => folder.remove());

/** xorshift32, for events and moments. */
function randomNumbers(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x % below;
  };
}

const items = readFileSync(classicRock.items, 'utf8')
  .split('\n')
  .slice(1, 400)
  .map((line) => line.split(',', 1)[0]!);

/** Lines of events: some with ids, some of these again, some that are none. */
function* eventLines(count: number): Generator<string> {
  const random = randomNumbers(42);
  const sent: string[] = [];
  const now = Date.now();
  for (let n = 0; n < count; n++) {
    const kind = random(100);
    if (kind === 0) yield 'no event\n';
    else if (kind < 5 && sent.length > 0) yield sent[random(sent.length)]!;
    else {
      const user = `u${random(numUsers)}`;
      const type = ['play', 'play', 'play', 'like', 'dislike', 'ban'][random(6)];
      const event = { user, item: items[random(items.length)], type, time: now - random(1_000_000) };
      const line = `${JSON.stringify(kind < 40 ? { ...event, id: `e${n}` } : event)}\n`;
      if (kind < 40 && sent.length < 10_000) sent.push(line);
      yield line;
    }
  }
}

interface VectorLine {
  readonly user: string;
  readonly snapshot: string;
  readonly vector: readonly number[];
}

describe('a follower that is killed again and again', () => {
  it(`knows what it would without: ${kills} kills over ${numEvents} events, through rotation`, async () => {
    await prepare(folder, [
      ['train', classicRock.plays, '--items', classicRock.items, '--factors', '16', '--epochs', '3'],
      ['publish'],
    ]);
    const path = join(folder.path, 'plays.ndjson');
    const args = ['--root', join(folder.path, 'root'), '--once', '--every', '5ms'];
    const random = randomNumbers(7);
    const last = new Map<string, VectorLine>();
    const run = (killAfterMs: number | undefined) =>
      runOrKill([...args, path, '--state', 'killed'], folder.path, killAfterMs, (line) => {
        const read = JSON.parse(line) as VectorLine;
        last.set(read.user, read);
      });

    const all = [...eventLines(numEvents)];
    const slice = Math.ceil(numEvents / kills);
    const written: string[] = [];
    let killed = 0;
    let runs = 0;
    written.push(...all.slice(0, slice));
    writeFileSync(path, written.join(''));
    const startedMs = performance.now();
    expect((await run(undefined)).code).toBe(0);
    // Found while it goes: so that four of five runs are killed, from their start to their end, however fast the machine is.
    let limitMs = 0.75 * (performance.now() - startedMs);
    while (killed < kills && runs < 8 * kills) {
      const more = all.slice(written.length, written.length + slice);
      written.push(...more);
      appendFileSync(path, more.join(''));
      const { isKilled, code, stderr } = await run(0.5 * limitMs + random(Math.ceil(limitMs)));
      expect(isKilled || code === 0, stderr).toBe(true);
      if (isKilled) killed += 1;
      limitMs *= isKilled ? 1.07 : 0.76;
      runs += 1;
      if (runs % rotateEvery === 0) {
        renameSync(path, `${path}.${runs}`);
        writeFileSync(path, '');
      }
    }
    expect(killed).toBe(kills);
    appendFileSync(path, all.slice(written.length).join(''));
    const { code, stderr } = await run(undefined);
    expect(code, stderr).toBe(0);

    const control = join(folder.path, 'control.ndjson');
    writeFileSync(control, all.join(''));
    const wanted = new Map<string, VectorLine>();
    await runOrKill([...args, control, '--state', 'whole'], folder.path, undefined, (line) => {
      const read = JSON.parse(line) as VectorLine;
      wanted.set(read.user, read);
    });
    const [state, whole] = ['killed', 'whole'].map((name) => stateDigest(join(folder.path, name)));
    expect({ entries: state!.entries, users: state!.users }).toEqual({
      entries: whole!.entries,
      users: whole!.users,
    });
    // Ids that are made of positions differ between the files; what they say does not.
    expect(state!.digest).toBe(whole!.digest);
    for (const [user, { vector }] of wanted) expect(last.get(user)?.vector, user).toEqual(vector);
    expect(last.size).toBe(wanted.size);
    const letters = (name: string): number =>
      readFileSync(join(folder.path, name, 'dead-letters.jsonl'), 'utf8').split('\n').length - 1;
    expect(letters('killed')).toBe(letters('whole'));
    expect(letters('whole')).toBe(all.filter((line) => line === 'no event\n').length);
    expect(readdirSync(folder.path).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});
