import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { readNpy } from '#dist/core/files/npy.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { foreignNpy } from '../helpers/foreign-npy.js';
import { inPythonTest, python } from '../helpers/python.js';
import { smallRock } from '../helpers/small-rock.js';
import { hashesBelow, makeFolder, type Folder } from '../helpers/trained-root.js';
import { describeInSmokeTest, inSmokeTest } from '../helpers/full-tests.js';
import { words as typed } from '../helpers/words.js';

const quickly = inSmokeTest();
const quickDescribe = describeInSmokeTest();

useCanaryHere();

/** As training does without discounts, which need what only a training counts. */
const weighing = ['--unobserved-weight', '0.1', '--reg', '0.003', '--confidence', 'log'];
const user = 'KGLK/2014-06-16';

let folder: Folder;
let trained = '';
let counts: Record<'users' | 'items' | 'events' | 'interactions', number>;
const at = (name: string): string => join(folder.path, name);
const snapshotOf = async (args: readonly string[]): Promise<Record<string, any>> =>
  (await folder.json(args))[0]!;

beforeAll(async () => {
  folder = makeFolder();
  const train = ['train', smallRock.plays, '--items', smallRock.items, '--factors', '16', '--epochs', '2'];
  const flat = ['--item-discount', '0', '--user-discount', '0', '--reg-exponent', '1', '--tag', 'trained'];
  const made = await snapshotOf([...train, ...weighing, ...flat]);
  trained = made['snapshot'] as string;
  counts = made as typeof counts;
  for (const out of ['a.arrow', 'a.parquet', 'a.npy', 'a.csv', 'a.vec'])
    await folder.segue(['export', '--out', out]);
  await folder.segue(['export', '--what', 'users', '--out', 'users.arrow']);
});
afterAll(() => folder.remove());

const similar = async (snapshot: string) => {
  const [{ neighbours }] = (await folder.json(['similar', 'Plush', '--snapshot', snapshot])) as [
    Record<string, any>,
  ];
  return neighbours as unknown;
};
const recommend = async (snapshot: string, ...who: string[]) => {
  const [answer] = await folder.json(['recommend', ...who, '--snapshot', snapshot]);
  return answer!['recommendations'] as { id: string; score: number }[];
};

quickDescribe('vectors that were exported and imported', () => {
  quickly(
    'are the same snapshot from every format that has names, and the same vectors to the bit from all',
    async () => {
      const ids = new Set<unknown>();
      for (const [file, ...ways] of [['a.arrow'], ['a.parquet'], ['a.csv'], ['a.npy', '--ids', 'a.jsonl']]) {
        const made = await snapshotOf(['import', file!, ...ways, '--tag', 'again']);
        expect(made).toMatchObject({
          model: 'imported',
          items: counts.items,
          users: 0,
          dim: 16,
          fold: 'rotated-equations',
        });
        ids.add(made['snapshot']);
      }
      expect(ids.size).toBe(1);
      const text = await snapshotOf(['import', 'a.vec']);
      expect(ids.has(text['snapshot'])).toBe(false);
      const original = hashesBelow(at(`root/snapshots/${trained}`))['model/item.npy'];
      for (const id of [...ids, text['snapshot']] as string[]) {
        expect(hashesBelow(at(`root/snapshots/${id}`))['model/item.npy']).toBe(original);
      }
      expect(await snapshotOf(['import', 'a.arrow', '--tag', 'again'])).toMatchObject({ existed: true });
    },
  );

  quickly('have the same neighbours, names and scores', async () => {
    expect(await similar('again')).toEqual(await similar('trained'));
  });

  quickly('fold people in as their training did, by the same options', async () => {
    await folder.segue(typed`import a.arrow --objective ials ${weighing} --reg-exponent 1 --tag folding`);
    const like = ['--like', 'Plush', '--like', 'Hotel California', '--dislike', 'Dream On'];
    const [ours, theirs] = await Promise.all(
      ['folding', 'trained'].map((snapshot) => recommend(snapshot, ...like)),
    );
    expect(ours!.map(({ id }) => id)).toEqual(theirs!.map(({ id }) => id));
    ours!.forEach(({ score }, rank) => {
      expect(Math.abs(score - theirs![rank]!.score)).toBeLessThan(1e-4 * theirs![0]!.score);
    });
  });

  quickly(
    'give users with vectors of their own the same recommendations, and every command takes them',
    async () => {
      const { users, events, interactions } = counts;
      const full = ['import', 'a.parquet', '--user-vectors', 'users.arrow', '--events', smallRock.plays];
      const made = await snapshotOf([...full, '--tag', 'full']);
      expect(made).toMatchObject({ users, importedUsers: users, events, interactions });
      expect(await recommend('full', user)).toEqual(await recommend('trained', user));
      const [{ vector }] = (await folder.json(['user-vector', user, '--snapshot', 'full'])) as [
        Record<string, any>,
      ];
      const [{ vector: wanted }] = (await folder.json(['user-vector', user, '--snapshot', 'trained'])) as [
        Record<string, any>,
      ];
      expect(vector).toEqual(wanted);
      await folder.segue(['recommend', user, '--like', 'Plush', '--snapshot', 'full'], 2);
      await folder.segue(['build-index', 'full', '--tag', 'indexed']);
      await folder.segue(['publish', 'indexed', '--require', 'recall@10>=0.9']);
      await folder.segue(['diff-snapshots', 'trained', 'full', '--fail-on', 'overlap@10<1']);
      await folder.segue(['evaluate', '--snapshot', 'full', '--test', smallRock.plays, '--bootstrap', '0']);
      await folder.segue(['snapshots', 'verify', 'full']);
      await folder.segue(['export', '--snapshot', 'full', '--what', 'users', '--out', 'again.npy']);
      const shape = [users, 16];
      expect(readNpy(at('again.npy'), { dtype: '<f4', shape }).data).toEqual(
        readNpy(at(`root/snapshots/${trained}/users/users.npy`), { dtype: '<f4', shape }).data,
      );
    },
  );

  quickly('of users of whom nothing else is known are their taste all the same', async () => {
    await folder.segue(['import', 'a.parquet', '--user-vectors', 'users.arrow', '--tag', 'silent']);
    const wanted = await folder.json(['recommend', user, '--include-heard', '--snapshot', 'trained']);
    expect(await recommend('silent', user)).toEqual(wanted[0]!['recommendations']);
    const all = await folder.json(['recommend', '--all', '-k', '10', '--snapshot', 'silent']);
    expect(all).toHaveLength(counts.users);
    expect(all.every((answer) => answer['fallback'] === undefined)).toBe(true);
    expect(all.find((answer) => answer['user'] === user)!['recommendations']).toEqual(
      wanted[0]!['recommendations'],
    );
    const [discovered] = await folder.json(typed`recommend ${user} --recipe discover --snapshot silent`);
    expect(discovered!['recommendations']).toHaveLength(10);
    const { stderr } = await folder.segue(
      ['recommend', user, '--recipe', 'start-page', '--snapshot', 'silent'],
      2,
    );
    expect(stderr).toContain(`there is no history of the user "${user}"`);
    expect(stderr).toContain('segue import --events');
  });

  quickly('keep the users’ vectors when others are made anew by newer listening', async () => {
    writeFileSync(
      at('new.csv'),
      `user,item\n${user},stone-temple-pilots-plush\nnobody/new,aerosmith-dream-on\n`,
    );
    await folder.segue(typed`user-vector --all --snapshot full --events new.csv --tag newer`);
    const other = 'WXGL/2014-06-16';
    expect(await recommend('newer', other)).toEqual(await recommend('full', other));
    expect(await recommend('newer', user)).not.toEqual(await recommend('full', user));
    expect(await recommend('newer', user, '--like', 'Plush')).toHaveLength(10);
    expect(await recommend('newer', 'nobody/new')).toHaveLength(10);
  });
});

describe('an import', () => {
  quickly('is planned without making anything, under the name that it then has', async () => {
    const before = readdirSync(at('root/snapshots')).length;
    const plan = await snapshotOf(['import', 'a.vec', '--measure', 'cosine', '--dry-run']);
    expect(plan).toMatchObject({ dryRun: true, existed: false, fold: 'mean' });
    expect(readdirSync(at('root/snapshots'))).toHaveLength(before);
    expect(await snapshotOf(['import', 'a.vec', '--measure', 'cosine'])).toMatchObject({
      snapshot: plan['snapshot'],
    });
    expect(await recommend('latest', '--like', 'stone-temple-pilots-plush')).toHaveLength(10);
  });

  quickly.each([
    [['a.npy'], 'a.npy has vectors and no ids'],
    [['a.npy'], 'they may be in the file beside it: --ids a.jsonl'],
    [['twice.npy'], 'in the order of the vectors: --ids FILE'],
    [['a.npy', '--ids', 'short.txt'], 'has 1 ids, and a.npy'],
    [['twice.npy', '--ids', 'twice.txt'], 'rows 1 and 3 both have the id "a"'],
    [
      ['a.arrow', '--user-vectors', 'twice.npy', '--user-ids', 'short.txt'],
      'of 2 dimensions, and a.arrow of 16',
    ],
    [['a.arrow', '--measure', 'cosine', '--reg', '1'], '--reg does not apply with --measure cosine'],
    [['a.arrow', '--confidence', 'bm25'], 'wanted log, binary or linear:α'],
    [['a.arrow', '--vector-column', 'name'], 'that is no vector'],
    [['a.arrow', '--events', 'strangers.csv'], 'none of its items has a vector'],
    [['nowhere.npy'], 'does not exist'],
    [['new'], 'does not say which format'],
  ] as const)('of what is wrong is refused with its reason, and makes nothing: %j', async (args, reason) => {
    writeFileSync(at('short.txt'), 'a\n');
    writeFileSync(at('twice.txt'), 'a\nb\na\n');
    writeFileSync(at('strangers.csv'), 'user,item\nu,nobody plays it\n');
    writeFileSync(at('twice.npy'), foreignNpy('<f4', [3, 2], Buffer.alloc(24)));
    const before = readdirSync(at('root/snapshots')).length;
    const { stderr } = await folder.segue(['import', ...args], 2);
    expect(stderr).toContain(reason);
    expect(readdirSync(at('root/snapshots'))).toHaveLength(before);
  });

  quickly('of zero vectors keeps them, and says how many there are', async () => {
    writeFileSync(
      at('zeros.npy'),
      foreignNpy('<f4', [3, 2], Buffer.from(Float32Array.of(1, 2, 0, 0, 3, 4).buffer)),
    );
    writeFileSync(at('zeros.txt'), 'a\nb\nc\n');
    const { stderr } = await folder.segue(['import', 'zeros.npy', '--ids', 'zeros.txt', '--tag', 'zeros']);
    expect(stderr).toContain('a vector in zeros.npy is zero');
    await folder.segue(['similar', 'b', '--snapshot', 'zeros'], 3);
    const [{ neighbours }] = (await folder.json(['similar', 'a', '--snapshot', 'zeros'])) as [
      Record<string, any>,
    ];
    expect(neighbours).toMatchObject([{ id: 'c' }]);
  });

  inPythonTest()('takes what NumPy and pandas write, as the docs say', async () => {
    python(
      `import sys, numpy as np, pandas as pd
folder = sys.argv[1]
vectors = np.arange(12, dtype=np.float32).reshape(4, 3) / 7
ids = ["a", "b c", "ü", "d"]
np.save(folder + "/np.npy", np.asfortranarray(vectors.astype(np.float64)))
np.save(folder + "/np.ids.npy", np.array(ids))
frame = pd.DataFrame({"id": ids, "name": ["A", "B", "Ü", "D"], "vector": list(vectors)})
frame.to_parquet(folder + "/pd.parquet")
frame.to_feather(folder + "/pd.feather", compression="uncompressed")
frame.to_feather(folder + "/pd.lz4.feather")`,
      [folder.path],
    );
    const wanted = Float32Array.from({ length: 12 }, (_, i) => Math.fround(i) / 7);
    for (const args of [['np.npy', '--ids', 'np.ids.npy'], ['pd.parquet'], ['pd.feather']]) {
      const { path } = await snapshotOf(['import', ...args]);
      const { data } = readNpy(join(path as string, 'model/item.npy'), { dtype: '<f4', shape: [4, 3] });
      expect(data).toEqual(wanted);
      expect(readFileSync(join(path as string, 'model/item.arrow')).includes('b c')).toBe(true);
    }
    const { stderr } = await folder.segue(['import', 'pd.lz4.feather'], 2);
    expect(stderr).toContain('compression="uncompressed"');
  });
});
