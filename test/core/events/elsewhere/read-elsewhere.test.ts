import fc from 'fast-check';
import type { Progress } from '#dist/core/contracts.js';
import {
  readElsewhere,
  requireReadable,
  type RemoteEvents,
} from '#dist/core/events/elsewhere/read-elsewhere.js';
import type { EventsRead } from '#dist/core/events/read-events.js';
import { describe, expect, it } from 'vitest';
import { engineHere } from '../../../helpers/engine-here.js';
import { failureOf, readEvents } from '../../../helpers/event-oracle.js';
import { ids, quoted, times, types, weights } from '../../../helpers/hostile-events.js';
import { temporaryFiles } from '../../../helpers/temporary-directory.js';

const fileOf = temporaryFiles();

type Options = Partial<Parameters<typeof readElsewhere>[0]>;

function elsewhere(
  files: readonly string[],
  options: Options = {},
  engine = engineHere(1),
): Promise<EventsRead> {
  const all = {
    ...{ files, tables: [], skipBadRows: false, minUserItems: 1, minItemUsers: 1 },
    signal: new AbortController().signal,
    onProgress: () => {},
    ...options,
  };
  return readElsewhere(all, engine);
}

const events = fc.array(
  fc.record({
    user: fc.constantFrom(...ids),
    item: fc.constantFrom(...ids.slice(0, 9)),
    weight: fc.constantFrom(...weights),
    time: fc.constantFrom(...times),
    type: fc.constantFrom(...types),
  }),
  { minLength: 1, maxLength: 60 },
);

describe('events that are read elsewhere', () => {
  it('are the interactions of reading here, filtered or not, whatever the batches and their order', async () => {
    const filters = [{}, { minWeight: 0.5 }, { fromMs: 0 }, { beforeMs: 1_710_000_000_000, minWeight: 2 }];
    await fc.assert(
      fc.asyncProperty(events, fc.constantFrom(...filters), fc.nat(), async (rows, options, seed) => {
        const lines = rows.map((row) => Object.values(row).map(quoted).join(','));
        const file = fileOf('plays.csv', ['user,item,weight,time,type', ...lines, ''].join('\r\n'));
        const read = [readEvents(file, options), elsewhere([file], options, engineHere(seed))];
        const [here, there] = await Promise.allSettled(read);
        if (here!.status === 'rejected') {
          expect(there).toMatchObject({ status: 'rejected', reason: { code: 'empty-input' } });
          return;
        }
        const { sources, interactions } = here!.value;
        expect(there).toMatchObject({ value: { interactions: { sha256: interactions.sha256 }, sources } });
      }),
      { numRuns: 12 },
    );
  });

  it('whose weights add up to too much are refused, and not wrapped', async () => {
    const file = fileOf('heavy.csv', `user,item,weight\n${'u,i,9000000000\n'.repeat(2)}`);
    for (const read of [() => readEvents(file), () => elsewhere([file])])
      expect(await failureOf(read())).toMatchObject({
        code: 'too-large',
        message: expect.stringContaining('add up to more than'),
      });
  });

  it('keep to the minimums, to joined ids, and to decimal commas', async () => {
    const rows = ['Blur;Song 2;u1;1,5', 'Blur;Girls - Boys;u1;2', 'a-ha;Song 2;u2;0,25', 'Blur;Song 2;u2;1'];
    const file = fileOf('plays.csv', ['artist;track;user;weight', ...rows].join('\n'));
    const options = { columns: 'item=artist+track', delimiter: ';', decimalComma: true, minItemUsers: 2 };
    const [here, there] = [await readEvents(file, options), await elsewhere([file], options)];
    expect(there.interactions.sha256).toBe(here.interactions.sha256);
    expect(there.itemParts).toEqual(here.itemParts);
  });

  it('of several sources are told apart', async () => {
    const one = fileOf('one.csv', '\uFEFFuser,item\na,x\na,x\n\nb,y\n');
    const two = fileOf('two.tsv', 'track_id\tuser_id\ttime\nx\tc\t17\n');
    const [here, there] = [await readEvents([one, two]), await elsewhere([one, two])];
    expect(there.interactions.sha256).toBe(here.interactions.sha256);
    expect(there.sources).toEqual(here.sources);
  });
});

describe('a bad row elsewhere', () => {
  const file = (): string => fileOf('plays.csv', 'user,item,weight\na,x,1\nb,y,abc\nc,z,abc\n,z,1\na,x\n');

  it('ends reading, and says how many are like it', async () => {
    const path = file();
    const error = await failureOf(elsewhere([path]));
    expect(error).toMatchObject({ code: 'bad-row', exitCode: 2 });
    expect(error.message).toMatch(/^a row of .*plays\.csv.*; \d other rows are bad too$/);
    expect(error['details']).toMatchObject({ rows: 4 });
  });

  it('is left out where that is asked for, and counted', async () => {
    const path = file();
    const told: Progress[] = [];
    const there = await elsewhere([path], { skipBadRows: true, onProgress: (each) => told.push(each) });
    const here = await readEvents(path, { skipBadRows: true });
    expect(there.interactions.sha256).toBe(here.interactions.sha256);
    expect(there.skippedRows).toBe(4);
    const [warning] = told.filter(({ kind }) => kind === 'warning');
    expect(warning).toMatchObject({
      message: expect.stringMatching(
        /^bad rows skipped: 4 \(a row of .*weight "abc" is not a number \(2 such rows\)/,
      ),
    });
  });

  it('that goes on in the next line cannot be left out: what follows would be misread', async () => {
    const path = fileOf('plays.csv', 'user,item\na,x\n"two\nlines",y\n');
    const error = await failureOf(elsewhere([path], { skipBadRows: true }));
    expect(error).toMatchObject({
      code: 'bad-row',
      message: expect.stringContaining('goes on in the next line'),
    });
  });

  it('may be the header of a file with other columns', async () => {
    const path = fileOf('plays.csv', 'user,item\na,x\nuser,item\ntrack_id,user_id\ny,b\n');
    const error = await failureOf(elsewhere([path]));
    expect(error.message).toContain('has another header: ["track_id","user_id"]');
  });
});

describe('what is read elsewhere', () => {
  it.each([
    [{ ordered: true }, 'the order of plays'],
    [{ encoding: 'latin1' }, 'UTF-8 alone'],
    [{ format: 'lightgcn' as const }, 'lightgcn'],
    [{ files: ['-'] }, 'standard input'],
    [{ filter: 'ms > 1' }, 'does not take `filter`'],
    [{ types: 'like=x' }, 'does not take `types`'],
    [{ sql: 'select 1' }, 'does not take `sql`'],
  ])('is not %j', (options, named) => {
    const wanted = { code: 'bad-usage', message: expect.stringContaining(named) };
    expect(() => {
      requireReadable({ files: ['plays.csv'], ...options });
    }).toThrow(expect.objectContaining(wanted));
  });

  it('is no file of a table that keeps a log, but what is no Parquet may stand in its folder', async () => {
    const table = { kind: 'Delta', folder: 'file:/lake/plays' } as const;
    const engineOf = (head: string): RemoteEvents => ({
      ...engineHere(1),
      firstFile: (path) =>
        Promise.resolve({ name: path, gzip: false, bytes: 4, head: Buffer.from(head), table }),
    });
    expect(await failureOf(elsewhere(['plays'], {}, engineOf('PAR1')))).toMatchObject({
      code: 'bad-input-file',
      message: expect.stringContaining('plays is of a table of Delta, file:/lake/plays'),
    });
    const text = 'user,item\na,x\n';
    const read = await elsewhere([fileOf('plays.csv', text)], {}, engineOf(text));
    expect(read.interactions.numEvents).toBe(1);
  });

  it('is refused where it is empty, or nothing of it counts', async () => {
    const empty = fileOf('plays.csv', '');
    expect(await failureOf(elsewhere([empty]))).toMatchObject({ code: 'empty-input' });
    const light = fileOf('plays.csv', 'user,item,weight\na,x,1\n');
    const error = await failureOf(elsewhere([light], { minWeight: 2 }));
    expect(error).toMatchObject({
      code: 'empty-input',
      message: expect.stringContaining('weighs 2 or more'),
    });
  });
});
