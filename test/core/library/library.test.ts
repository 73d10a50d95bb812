/** The library from JavaScript: what is not given is what the command takes, and what is wrong is an AppError naming it. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as segue from '#dist/core/library.js';
import type { Options } from '#dist/core/options/option.js';
import * as operations from '#dist/core/options/operations.js';
import { queries } from '#dist/core/query/queries.js';
import { mistakes } from '../../helpers/mistakes.js';
import { classicRock, makeFolder, type Folder } from '../../helpers/trained-root.js';

type Call = (options?: unknown, context?: unknown) => Promise<unknown>;

const { plays, items } = classicRock;
const modelOptions = { factors: 8, epochs: 2 };

let folder: Folder;
let root = '';
beforeAll(async () => {
  folder = makeFolder();
  root = join(folder.path, 'root');
  await folder.segue(['train', plays, '--items', items, '--factors', '8', '--epochs', '2', '--threads', '1']);
  await folder.segue(['publish']);
});
afterAll(() => folder.remove());

/** Every function, with the options of the operation of its name. */
const functions = Object.entries(segue as unknown as Record<string, Call>).flatMap(([name, call]) => {
  const operation = (operations as unknown as Record<string, { readonly options: Options }>)[name];
  return operation === undefined || name === 'openReader' ? [] : [{ name, call, shape: operation.options }];
});

describe('the functions', () => {
  it('all have an operation', () => {
    const others = Object.keys(segue).filter((name) => !functions.some((each) => each.name === name));
    expect(others.sort()).toEqual(['AppError', 'exitCodes', 'openReader']);
  });

  it.each(functions)(
    '$name refuses each option that is of another kind, by name',
    async ({ call, shape }) => {
      for (const [name, { wanted }] of Object.entries(shape)) {
        const asked = call({ [name]: Symbol('x') });
        const error = { name: 'AppError', code: 'bad-usage', details: { option: name, wanted } };
        await expect(asked, name).rejects.toMatchObject(error);
      }
      await expect(call({ nothing: 1 })).rejects.toMatchObject({ details: { option: 'nothing' } });
      await expect(call('x')).rejects.toMatchObject({ name: 'AppError', code: 'bad-usage' });
    },
  );

  it('refuse by name what means nothing beside what else is asked, and a reader does', async () => {
    const reader = (await segue.openReader(root)) as unknown as Record<string, Call>;
    const asked = new Set<string>();
    for (const { of, option, given } of mistakes) {
      const ofReader = Object.entries(queries).find(([, { operation }]) => operation.options === of.options);
      const call =
        ofReader === undefined ? functions.find(({ name }) => name === of.name)?.call : reader[ofReader[0]];
      if (call === undefined) continue;
      const refused = { name: 'AppError', code: 'bad-usage', details: { option } };
      const error = await call(given).catch((reason: unknown) => reason);
      expect(error, `${of.name} ${option}`).toMatchObject(refused);
      // A suggestion names nothing that this call does not take.
      const { suggestions } = error as segue.AppError;
      const named = suggestions.flatMap((text) => Array.from(text.matchAll(/`(\w+)`/g), ([, name]) => name));
      expect([...Object.keys(of.options), option]).toEqual(expect.arrayContaining(named));
      asked.add(`${ofReader === undefined ? '' : 'reader.'}${of.name} ${option}`);
    }
    for (const each of [
      'recommend reasons',
      'reader.recommend reasons',
      'reader.similar skipWeight',
      'train table',
    ])
      expect(asked).toContain(each);
    await reader['close']?.();
  });

  it('take a context, or a part of one, or none', async () => {
    const { similar } = segue;
    const question = { root, items: ['Plush'], k: 1 };
    const answer = await similar(question);
    expect(await similar(question, {})).toEqual(answer);
    expect(await similar(question, { onProgress: () => undefined })).toEqual(answer);
    const wrong = { signal: 3 } as unknown as segue.TaskContext;
    await expect(similar(question, wrong)).rejects.toThrow('`signal` 3: wanted an AbortSignal');
    const aborted = segue.listSnapshots({ root }, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('what is not given', () => {
  it('is what the command takes', async () => {
    const trained = await segue.train({ root, events: [plays], items, modelOptions });
    expect(trained.existed).toBe(true);
    const plan = await segue.train({ root, events: [plays], items, modelOptions, dryRun: true });
    expect(plan.snapshot).toBe(trained.snapshot);
  });

  it('is so to a reader, which checks its questions', async () => {
    const reader = await segue.openReader(root);
    try {
      const { snapshot } = await segue.showSnapshot({ root });
      expect(reader.snapshot.id).toBe(snapshot);
      const users = ['KGLK/2014-06-16'];
      const why = { explain: true, whyNot: ['Plush'] };
      expect(await reader.explain({ users })).toEqual(await segue.recommend({ root, users, explain: true }));
      expect(await reader.whyNot(['Plush'], { users, explain: true })).toEqual(
        await segue.recommend({ root, users, ...why }),
      );
      const typed = reader as unknown as Record<string, Call>;
      await expect(typed['similar']?.({ item: 'Plush' })).rejects.toThrow('similar has no option `item`');
      await expect(typed['recommend']?.({ users: 'u' })).rejects.toThrow(
        '`users` "u": wanted a list of texts',
      );
      await expect(typed['recipe']?.({})).rejects.toThrow('`recipe` is missing');
      await expect(typed['item']?.(3)).rejects.toThrow('`item` 3: wanted a text');
    } finally {
      await reader.close();
    }
  });

  it('is so to the number of workers of a reader, a whole number from 0 to 256', async () => {
    for (const workers of [-1, 0.5, 257, NaN]) {
      const opening = segue.openReader(root, undefined, undefined, { workers });
      await expect(opening).rejects.toMatchObject({ code: 'bad-usage', details: { option: 'workers' } });
    }
  });

  it('is so to a follower', async () => {
    const followed = await segue.followCurrent({ root }, (id, context) =>
      segue.openReader(root, id, context),
    );
    const plush = await followed.use((reader) => reader.item('Plush'));
    expect(plush.name).toBe('Plush');
    await followed.close();
  });
});
