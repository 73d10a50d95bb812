import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { beforeAll, describe, expect } from 'vitest';
import { readNpy } from '#dist/core/files/npy.js';
import { openForeignVectors } from '#dist/core/interchange/open-vectors.js';
import { exportVectors, type ExportVectorsOptions } from '#dist/core/tasks/export.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { inPythonTest, python } from '../../helpers/python.js';
import { listening, idA } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { describeInSmokeTest, inSmokeTest } from '../../helpers/full-tests.js';

const quickly = inSmokeTest();
const quickDescribe = describeInSmokeTest();

const makeDirectory = temporaryDirectories('file');

const items = [
  ['with space', 1.5, -0],
  ['new\nline', 1.401298464324817e-45, 3.4028234663852886e38],
  ['"ünï", \t%20', Math.fround(0.1), -1e-40],
] as const;
const users = new Map([
  ['\u{1f3b8}', [0, 1]],
  ['b', []],
]);

let root = '';
beforeAll(async () => {
  root = join(makeDirectory(), 'root');
  await makeSmallSnapshot(root, idA, {
    items: items.map(([id, ...vector]) => [id, ...vector.map(Math.fround)] as const),
    users,
    userVectors: new Map([['\u{1f3b8}', [1, 2]]]),
    unplayed: ['nobody played it'],
  });
});

const usual = { what: 'items', kind: 'item', force: false } as const;
const run = (
  more: Partial<ExportVectorsOptions> & { out: ExportVectorsOptions['out'] },
  signal?: AbortSignal,
) => exportVectors({ root, snapshot: idA, ...usual, ...more }, listening(signal));

const f32 = Float32Array.from(items.flatMap(([, ...vector]) => vector));
const ids = items.map(([id]) => id);
const names = ids.map((id) => id.toUpperCase());

describe('exported items', () => {
  quickly('as .npy are the vectors to the bit, and an object a line beside them', async () => {
    const out = join(makeDirectory(), 'items.npy');
    const result = await run({ out });
    expect(result).toMatchObject({ rows: 3, dim: 2, withoutVector: 1, format: 'npy', model: 'als' });
    expect(Buffer.from(readNpy(out, { dtype: '<f4', shape: [3, 2] }).data.buffer)).toEqual(
      Buffer.from(f32.buffer),
    );
    const lines = readFileSync(out.replace('.npy', '.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      ids.map((id, row) => ({ id, count: 0, name: names[row] })),
    );
    expect(result.files.map(({ path }) => path)).toEqual([out, out.replace('.npy', '.jsonl')]);
    for (const { path, bytes } of result.files) expect(readFileSync(path)).toHaveLength(bytes);
  });

  quickly('as Arrow carry the snapshot, the basis and the model with them', async () => {
    const out = join(makeDirectory(), 'items.feather');
    await run({ out });
    const table = tableFromIPC(readFileSync(out));
    expect(Object.fromEntries(table.schema.metadata)).toEqual({
      'segue.snapshot': idA,
      'segue.basis': idA,
      'segue.model': 'als',
      'segue.scorer': 'inner-product',
      'segue.fold': 'normal-equations',
      'segue.what': 'items',
      'segue.kind': 'item',
      'segue.dim': '2',
    });
    expect([...table.getChild('id')!]).toEqual(ids);
    expect([...table.getChild('name')!]).toEqual(names);
    expect(
      table
        .toArray()
        .map((row) => [...(row as { vector: Iterable<number> }).vector])
        .flat(),
    ).toEqual([...f32]);
  });

  quickly('as CSV are read back to the bit, and stream to whoever takes the bytes', async () => {
    const out = join(makeDirectory(), 'items.csv');
    await run({ out });
    const text = readFileSync(out, 'utf8');
    expect(
      text.startsWith('id,count,name,v0,v1\nwith space,0,WITH SPACE,1.5,-0\n"new\nline",0,"NEW\nLINE",'),
    ).toBe(true);
    const rows = await openForeignVectors(out, undefined, {}, listening());
    const values: number[] = [];
    const { ids: read } = await rows.read((_, block) => values.push(...block));
    expect(Array.from({ length: rows.numRows }, (_, row) => read!.at(row))).toEqual(ids);
    expect(Buffer.from(Float32Array.from(values).buffer)).toEqual(Buffer.from(f32.buffer));
    const pieces: Uint8Array[] = [];
    const write = (bytes: Uint8Array) => Promise.resolve(void pieces.push(bytes));
    await run({ out: { write }, format: 'csv' });
    expect(Buffer.concat(pieces).toString()).toBe(text);
  });

  quickly('as .npz are read back, ids and all, and damage is not', async () => {
    const out = join(makeDirectory(), 'items.npz');
    await run({ out });
    const rows = await openForeignVectors(out, undefined, {}, listening());
    const values: number[] = [];
    const { ids: read } = await rows.read((_, block) => values.push(...block));
    rows.close();
    expect(Array.from({ length: rows.numRows }, (_, row) => read!.at(row))).toEqual(ids);
    expect(Buffer.from(Float32Array.from(values).buffer)).toEqual(Buffer.from(f32.buffer));

    const whole = readFileSync(out);
    const refusal = async (bytes: Buffer, choice = {}): Promise<string> => {
      writeFileSync(out, bytes);
      const opened = openForeignVectors(out, undefined, choice, listening());
      const error: unknown = await opened.catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'bad-input-file' });
      return String(error);
    };
    expect(await refusal(whole, { vector: 'factors' })).toContain('no array "factors"; it has: vectors, ids');
    expect(await refusal(whole, { id: 'names' })).toContain('no array "names"');
    expect(await refusal(whole.subarray(0, whole.length - 30))).toContain('it has no directory');
    expect(await refusal(whole.subarray(200))).toContain('cut or damaged');
    const bent = Buffer.from(whole);
    bent.writeUInt8(bent.readUInt8(100) ^ 1, 100);
    expect(await refusal(bent)).toContain('the sum of vectors is another');
    const deflated = Buffer.from(whole);
    deflated.writeUInt16LE(8, deflated.indexOf(Buffer.from('PK\x01\x02', 'latin1')) + 10);
    expect(await refusal(deflated)).toContain('holds vectors compressed');
  });

  inPythonTest()('as .npz are an archive of two arrays, whose sums hold', async () => {
    const folder = makeDirectory();
    await run({ out: join(folder, 'items.npz') });
    python(
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1] + "/items.npz"); assert z.testzip() is None; z.extractall(sys.argv[1])',
      [folder],
    );
    const vectors = readNpy(join(folder, 'vectors.npy'), { dtype: '<f4', shape: [3, 2] });
    expect(Buffer.from(vectors.data.buffer)).toEqual(Buffer.from(f32.buffer));
    const texts = readFileSync(join(folder, 'ids.npy'));
    expect(texts.toString('latin1')).toContain("'descr': '<U11', 'fortran_order': False, 'shape': (3,)");
    const data = texts.subarray(10 + texts.readUInt16LE(8));
    const read = [0, 1, 2].map((row) =>
      Array.from({ length: 11 }, (_, at) => data.readUInt32LE(4 * (row * 11 + at)))
        .filter((code) => code !== 0)
        .map((code) => String.fromCodePoint(code))
        .join(''),
    );
    expect(read).toEqual(ids);
  });

  inPythonTest()('as .npz are the same in NumPy', async () => {
    const out = join(makeDirectory(), 'items.npz');
    const result = await run({ out });
    expect(readFileSync(out)).toHaveLength(result.files[0]!.bytes);
    const seen = python(
      `import sys, json, zipfile, numpy as np
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
archive = np.load(sys.argv[1])
print(json.dumps([sorted(archive.files), archive["ids"].tolist(), archive["vectors"].tobytes().hex(), archive["vectors"].shape]))`,
      [out],
    );
    const bytes = Buffer.from(f32.buffer).toString('hex');
    expect(JSON.parse(seen)).toEqual([['ids', 'vectors'], ids, bytes, [3, 2]]);
  });

  quickly('as CSV that lacks a number are refused by name', async () => {
    const out = join(makeDirectory(), 'items.csv');
    for (const [lines, wanted] of [
      ['id,v0,v1\na,1,\n', 'a vector with an empty number'],
      ['id,v0,v1\na,1,x\n', 'cannot be read as a CSV file'],
      ['id,v0,v2\na,1,2\n', 'has no column of lists'],
    ] as const) {
      writeFileSync(out, lines);
      const opened = openForeignVectors(out, undefined, {}, listening());
      await expect(opened).rejects.toThrow(wanted);
    }
  });

  quickly('as word2vec text stream to whoever takes the bytes', async () => {
    const pieces: Uint8Array[] = [];
    const write = (bytes: Uint8Array) => Promise.resolve(void pieces.push(bytes));
    const result = await run({ out: { write } });
    expect(Buffer.concat(pieces).toString()).toBe(
      '3 2\nwith%20space 1.5 -0\nnew%0Aline 1.40129846e-45 3.40282347e+38\n"ünï",%20%09%2520 0.1 -9.9999461e-41\n',
    );
    expect(result.files).toEqual([]);
    await expect(run({ out: { write }, format: 'npy' })).rejects.toMatchObject({ code: 'bad-usage' });
  });

  inPythonTest()('are the same in pandas and NumPy, whichever the format', async () => {
    const folder = makeDirectory();
    for (const name of ['a.npy', 'a.parquet', 'a.arrow']) await run({ out: join(folder, name) });
    const seen = python(
      `import sys, json, numpy as np, pandas as pd
folder = sys.argv[1]
matrix = np.load(folder + "/a.npy", mmap_mode="r")
feather, parquet = pd.read_feather(folder + "/a.arrow"), pd.read_parquet(folder + "/a.parquet")
beside = [json.loads(line) for line in open(folder + "/a.jsonl", encoding="utf-8")]
frames = [[list(f.id), list(f.name), list(map(int, f["count"])), np.stack(f.vector).tobytes().hex()] for f in (feather, parquet)]
print(json.dumps(frames + [[[b["id"] for b in beside], [b["name"] for b in beside], [b["count"] for b in beside], matrix.tobytes().hex()]]))`.replaceAll(
        'f.name',
        'f["name"]',
      ),
      [folder],
    );
    const wanted = [ids, names, [0, 0, 0], Buffer.from(f32.buffer).toString('hex')];
    expect(JSON.parse(seen)).toEqual([wanted, wanted, wanted]);
  });

  inPythonTest()('are the same in gensim', async () => {
    const out = join(makeDirectory(), 'a.vec');
    await run({ out });
    const seen = python(
      `import sys, json
from urllib.parse import unquote
from gensim.models import KeyedVectors
vectors = KeyedVectors.load_word2vec_format(sys.argv[1])
print(json.dumps([[unquote(key) for key in vectors.index_to_key], vectors.vectors.tobytes().hex()]))`,
      [out],
    );
    expect(JSON.parse(seen)).toEqual([ids, Buffer.from(f32.buffer).toString('hex')]);
  });
});

quickDescribe('exported users', () => {
  quickly('have their ids and events', async () => {
    const out = join(makeDirectory(), 'users.arrow');
    const result = await run({ out, what: 'users' });
    expect(result).toMatchObject({ rows: 2, dim: 2, kind: null });
    const table = tableFromIPC(readFileSync(out));
    expect(table.schema.fields.map(({ name }) => name)).toEqual(['id', 'count', 'vector']);
    expect([...table.getChild('id')!]).toEqual([...users.keys()]);
  });
});

quickDescribe('an export', () => {
  quickly('replaces nothing without being told to, not even the ids beside the vectors', async () => {
    const folder = makeDirectory();
    writeFileSync(join(folder, 'a.jsonl'), 'precious');
    const out = join(folder, 'a.npy');
    await expect(run({ out })).rejects.toMatchObject({ code: 'bad-usage' });
    expect(readdirSync(folder).sort()).toEqual(['a.jsonl']);
    await run({ out, force: true });
    expect(readFileSync(join(folder, 'a.jsonl'), 'utf8')).toContain('"id"');
  });

  quickly('that is interrupted leaves nothing', async () => {
    const folder = makeDirectory();
    for (const name of ['a.npy', 'a.parquet', 'a.arrow', 'a.vec']) {
      await expect(run({ out: join(folder, name) }, AbortSignal.abort())).rejects.toMatchObject({
        code: 'interrupted',
      });
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  quickly.each([
    ['a name that says no format', { out: 'vectors' }, 'bad-usage'],
    ['a kind that is not there', { out: 'a.npy', kind: 'planet' }, 'missing-part'],
    ['a directory that is not there', { out: 'nowhere/a.npy' }, 'io-error'],
  ] as const)('refuses %s', async (_, more, code) => {
    const folder = makeDirectory();
    await expect(run({ ...more, out: join(folder, more.out) })).rejects.toMatchObject({ code });
    expect(readdirSync(folder)).toEqual([]);
  });

  quickly('has the bytes of the same snapshot every time', async () => {
    const folder = makeDirectory();
    for (const ending of ['npy', 'parquet', 'arrow', 'vec']) {
      await run({ out: join(folder, `one.${ending}`) });
      await run({ out: join(folder, `two.${ending}`) });
      expect(readFileSync(join(folder, `one.${ending}`))).toEqual(
        readFileSync(join(folder, `two.${ending}`)),
      );
    }
  });
});
