/** What `export` prints: which vectors are in which file, and how others read it. */
import type { ExportVectorsResult } from '../../core/tasks/export.js';
import { drawFacts } from '../terminal/facts.js';
import { byteSize, count, counted, duration } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

export function drawExport(result: ExportVectorsResult, screen: Screen): string {
  const { what, kind, rows, dim, withoutVector, format, files } = result;
  const exported = counted(rows, what === 'users' ? 'user' : (kind ?? 'item'));
  return [
    paragraph(`Exported ${exported} in ${duration(result.seconds)}`, screen, 'bold'),
    drawFacts(
      [
        ['from', result.snapshot],
        ['vectors', `${exported} × ${counted(dim, 'dimension')}, f32`],
        [
          'left out',
          withoutVector > 0 ? `${count(withoutVector)} of the catalogue without a vector` : undefined,
        ],
        ...files.map(({ path, bytes }) => ['file', `${path} (${byteSize(bytes)})`] as const),
        ['read it', files[0] === undefined ? undefined : reader(format, files[0].path)],
      ],
      screen,
    ),
  ].join('\n');
}

/** The line of Python that opens it. */
function reader(format: string, path: string): string | undefined {
  const file = JSON.stringify(path);
  return {
    npy: `numpy.load(${file}, mmap_mode="r")`,
    parquet: `pandas.read_parquet(${file})`,
    arrow: `pandas.read_feather(${file})`,
    word2vec: `gensim.models.KeyedVectors.load_word2vec_format(${file})`,
  }[format];
}
