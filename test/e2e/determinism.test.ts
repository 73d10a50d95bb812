import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useCanaryHere } from '../helpers/canary-here.js';
import { isFullTest } from '../helpers/full-tests.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { smallRock } from '../helpers/small-rock.js';
import {
  classicRock,
  hashesBelow,
  makeFolder,
  type Folder,
  withoutSharedMemory,
} from '../helpers/trained-root.js';

useCanaryHere();

const folders: Folder[] = [];
const folder = (): Folder => {
  const made = makeFolder();
  folders.push(made);
  return made;
};
afterEach(() => {
  for (const made of folders.splice(0)) made.remove();
});

function shuffled<T>(values: readonly T[], seed: number): T[] {
  const random = seededRandom(seed);
  const result = [...values];
  for (let at = result.length - 1; at > 0; at--) {
    const other = random.nextBelow(at + 1);
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}

const rock = isFullTest() ? classicRock : smallRock;
const rows = gunzipSync(readFileSync(rock.plays)).toString().trimEnd().split('\n').slice(1);

/** Trains and indexes; the sha256 of every file of both snapshots. @param nodeArgs flags for node itself */
async function filesOf(
  at: Folder,
  events: readonly string[],
  threads: number,
  nodeArgs: readonly string[] = [],
): Promise<Record<string, string>> {
  const common = ['--factors', '20', '--epochs', '4', '--threads', String(threads)];
  await at.segue(['train', ...events, '--items', rock.items, ...common], 0, nodeArgs);
  await at.segue(['build-index', '--threads', String(threads)], 0, nodeArgs);
  return hashesBelow(join(at.path, 'root/snapshots'));
}

describe('the same events', () => {
  let wanted: Record<string, string>;
  beforeAll(async () => {
    wanted = await filesOf(folder(), [rock.plays], isFullTest() ? 2 : 1);
  });

  it.each(isFullTest() ? [1, 3] : [3])('give the same files at %i threads', async (threads) => {
    expect(Object.keys(wanted).length).toBeGreaterThan(20);
    expect(await filesOf(folder(), [rock.plays], threads)).toEqual(wanted);
  });

  it.each(isFullTest() ? [1, 2] : [])(
    'give the same files where memory cannot be shared, asked for %i threads',
    async (threads) => {
      expect(await filesOf(folder(), [rock.plays], threads, withoutSharedMemory)).toEqual(wanted);
    },
  );

  const item2vec: [string, string[]] = ['item2vec', ['--factors', '12', '--epochs', '2']];
  // models-without-vectors.test.ts has the others too.
  it.each(
    isFullTest()
      ? [
          ['ease', []] as [string, string[]],
          ['slim', []] as [string, string[]],
          ['popularity', []] as [string, string[]],
          ['spectral', []] as [string, string[]],
          item2vec,
        ]
      : [],
  )(
    'give the same files of %s at several threads, and where memory cannot be shared',
    async (model, more) => {
      const files: Record<string, string>[] = [];
      for (const [threads, nodeArgs] of [
        [1, []],
        ...(isFullTest() ? [[2, []] as const] : []),
        [3, []],
        [2, withoutSharedMemory],
      ] as const) {
        const at = folder();
        const options = ['--model', model, ...more, '--threads', String(threads), '--holdout', '0.1'];
        await at.segue(['train', rock.plays, ...options], 0, nodeArgs);
        files.push(hashesBelow(join(at.path, 'root/snapshots')));
      }
      for (const other of files.slice(1)) expect(other).toEqual(files[0]);
    },
  );

  it('give the same files with rows in another order, in several files of other formats', async () => {
    const at = folder();
    const order = shuffled(rows, 5).map((row) => row.split(','));
    const part = (n: number): string[][] => order.filter((_, r) => r % 3 === n);
    // Stations and slugs need no quoting in any of these.
    writeFileSync(
      join(at.path, 'b.tsv'),
      part(0)
        .map((cells) => cells.join('\t'))
        .join('\n'),
    );
    writeFileSync(
      join(at.path, 'a.csv.gz'),
      gzipSync(
        `time,item,user\r\n${part(1)
          .map(([u, i, t]) => [t, i, u].join(','))
          .join('\r\n')}\r\n`,
      ),
    );
    writeFileSync(
      join(at.path, 'c.jsonl'),
      part(2)
        .map(([user, item, t]) =>
          JSON.stringify({ user, item, time: new Date(Number(t) * 1000).toISOString() }),
        )
        .join('\n'),
    );
    const columns = ['--columns', 'user=1,item=2,time=3'];
    await at.segue(['train', 'b.tsv', ...columns, '--dry-run']);
    for (const files of [['c.jsonl', 'a.csv.gz'], ...(isFullTest() ? [['a.csv.gz', 'c.jsonl']] : [])]) {
      const events = files.map((name) => join(at.path, name));
      // A file of events without a header needs --columns by position, which files with one do not take.
      writeFileSync(
        join(at.path, 'd.tsv'),
        `user\titem\ttime\n${readFileSync(join(at.path, 'b.tsv'), 'utf8')}`,
      );
      const got = await filesOf(at, [join(at.path, 'd.tsv'), ...events], 1);
      expect(got).toEqual(wanted);
    }
  });
});
