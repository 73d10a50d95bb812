import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowReader } from '#dist/core/search/item-item-matrix.js';
import { openItemItem } from '#dist/core/snapshot/item-item.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readIds } from '#dist/core/tables/snapshot-tables.js';
import { inPythonTest, python } from '../../helpers/python.js';
import { plantedEntries } from '../../helpers/sparse.js';
import { listening } from '../../helpers/snapshots.js';
import { makeFolder, type Folder } from '../../helpers/trained-root.js';
import { words } from '../../helpers/words.js';

type Entry = readonly [item: string, neighbour: string, weight: number];

const models = ['ease', 'slim', 'als+slim'] as const;
const ids: Record<string, string> = {};
const wanted: Record<string, Entry[]> = {};
let folder: Folder;

/** What is stored and is not 0, row by row. */
async function entriesOf(snapshot: string): Promise<Entry[]> {
  const opened = await openForReading(join(folder.path, 'root'), snapshot, listening());
  const names = await readIds(opened.file('model/item.arrow'));
  const matrix = openItemItem(opened);
  const read = rowReader(matrix);
  const entries = Array.from({ length: matrix.numItems }, (_, row) =>
    Array.from(read(row), (weight, column): Entry => [names.at(row), names.at(column), weight]),
  );
  matrix.close();
  opened.close();
  return entries.flat().filter(([, , weight]) => weight !== 0);
}

beforeAll(async () => {
  folder = makeFolder();
  const rows = plantedEntries(40, 12, { perUser: 4 }).flatMap((row, u) =>
    row.map(([item]) => `u${String(u)},i ${String(item)}`),
  );
  writeFileSync(join(folder.path, 'e.csv'), ['user,item', ...rows].join('\n'));
  writeFileSync(join(folder.path, 'items.csv'), 'item\ni 0\nnobody played it\n');
  for (const model of models) {
    const of = model === 'als+slim' ? ['--factors', '2', '--epochs', '1', '--blend-weight', '0.5'] : [];
    const [made] = await folder.json([...words`train e.csv --items items.csv --model ${model}`, ...of]);
    ids[model] = String(made!['snapshot']);
    wanted[model] = await entriesOf(ids[model]);
  }
});
afterAll(() => {
  folder.remove();
});

describe.each(models)('the matrix of %s', (model) => {
  const exported = async (out: string): Promise<string> => {
    const path = join(folder.path, `${model}.${out}`);
    const args = words`export --snapshot ${ids[model]!} --what matrix --force --out ${path}`;
    const [result] = await folder.json(args);
    expect(result).toMatchObject({
      ...{ what: 'matrix', kind: null, rows: 12, dim: 12, withoutVector: 1 },
      entries: wanted[model]!.length,
    });
    return path;
  };

  it('is a row an entry in Arrow, and in CSV, which is what stdout gets', async () => {
    const table = tableFromIPC(readFileSync(await exported('arrow')));
    const columns = ['item', 'neighbour', 'weight'];
    expect(table.schema.fields.map(({ name }) => name)).toEqual(columns);
    expect(table.schema.metadata.get('segue.what')).toBe('matrix');
    const read = table.toArray().map((row) => columns.map((name) => (row as Record<string, unknown>)[name]));
    expect(read).toEqual(wanted[model]);
    const { stdout } = await folder.segue(words`export --snapshot ${ids[model]!} --what matrix`);
    expect(stdout).toBe(readFileSync(await exported('csv'), 'utf8'));
    const [head, ...lines] = stdout.trimEnd().split('\n');
    expect(head).toBe('item,neighbour,weight');
    const cells = lines.map((line) => line.split(','));
    expect(cells.map(([item, neighbour, weight]) => [item, neighbour, Math.fround(Number(weight))])).toEqual(
      wanted[model],
    );
  });

  inPythonTest()('is what SciPy loads from .npz, ids beside it, and pandas from Parquet', async () => {
    const seen = python(
      `import sys, json, numpy as np, pandas as pd, scipy.sparse
matrix, ids = scipy.sparse.load_npz(sys.argv[1]), np.load(sys.argv[1])["ids"]
assert matrix.format == "csr" and matrix.has_sorted_indices and matrix.shape == (12, 12)
coo = matrix.tocoo()
frame = pd.read_parquet(sys.argv[2])
print(json.dumps([
  [[ids[i], ids[j], float(w)] for i, j, w in zip(coo.row, coo.col, coo.data)],
  [[i, j, float(w)] for i, j, w in zip(frame["item"], frame["neighbour"], frame["weight"])],
]))`,
      [await exported('npz'), await exported('parquet')],
    );
    expect(JSON.parse(seen)).toEqual([wanted[model], wanted[model]]);
  });
});

describe('a matrix', () => {
  it.each([
    ['ease', '--out m.npy', 'a matrix is not written as npy'],
    ['slim', '--format word2vec', 'a matrix is not written as word2vec'],
    ['slim', '--out m.npz --kind artist', 'a matrix is of items'],
  ])('of %s is refused %s', async (model, more, message) => {
    const args = words`export --snapshot ${ids[model]!} --what matrix`;
    const { stderr } = await folder.segue([...args, ...more.split(' ')], 2);
    expect(stderr).toContain(message);
  });

  it('is named where vectors are asked for, and refused where there is none', async () => {
    const vectors = await folder.segue(words`export --snapshot ${ids['slim']!} --out v.npy`, 2);
    expect(vectors.stderr).toContain('has no vectors: --what matrix exports its numbers');
    const [als] = await folder.json(words`train e.csv --model popularity`);
    const none = await folder.segue(
      words`export --snapshot ${String(als!['snapshot'])} --what matrix --out m.npz`,
      2,
    );
    expect(none.stderr).toContain('which has no item × item matrix');
  });
});
