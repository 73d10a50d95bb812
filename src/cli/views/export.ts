/** What `export` prints: which vectors are in which file, and how others read it. */
import type { ExportVectorsResult } from '../../core/tasks/export.js';
import { drawReport, type Fact } from '../terminal/facts.js';
import { byteSize, count, counted, duration } from '../terminal/numbers.js';
import type { Screen } from '../terminal/screen.js';

export function drawExport(result: ExportVectorsResult, screen: Screen): string {
  const { what, kind, rows, dim, entries, withoutVector, format, files } = result;
  const exported = counted(rows, what === 'users' ? 'user' : (kind ?? 'item'));
  const leftOut =
    withoutVector > 0
      ? `${count(withoutVector)} of the catalogue without a ${what === 'matrix' ? 'row' : 'vector'}`
      : undefined;
  const facts: Fact[] = [
    ['from', result.snapshot],
    entries === null
      ? ['vectors', `${exported} × ${counted(dim, 'dimension')}, f32`]
      : [
          'matrix',
          `${exported} × ${count(dim)}, ${counted(entries, 'number')} that ${entries === 1 ? 'is' : 'are'} not 0, f32`,
        ],
    ['left out', leftOut],
    ...files.map(({ path, bytes }): Fact => ['file', `${path} (${byteSize(bytes)})`]),
    ['read it', files[0] === undefined ? undefined : reader(what, format, files[0].path)],
  ];
  return drawReport(`Exported ${exported} in ${duration(result.seconds)}`, facts, screen);
}

/** The line of Python that opens it. */
function reader(what: string, format: string, path: string): string | undefined {
  const file = JSON.stringify(path);
  return {
    npy: `numpy.load(${file}, mmap_mode="r")`,
    parquet: `pandas.read_parquet(${file})`,
    npz: `${what === 'matrix' ? 'scipy.sparse.load_npz' : 'numpy.load'}(${file})`,
    csv: `pandas.read_csv(${file})`,
    arrow: `pandas.read_feather(${file})`,
    word2vec: `gensim.models.KeyedVectors.load_word2vec_format(${file})`,
  }[format];
}
