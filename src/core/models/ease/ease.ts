/** EASE, as train-ease.ts makes it: an item × item matrix in closed form, for catalogues that fit. */
import { poolBytes } from '../../compute/pool.js';
import { mostAllocatedBytes } from '../../compute/workspace.js';
import { transpose, type SparseRows } from '../../numeric/csr.js';
import { requireBytes } from '../fitting.js';
import { givenNumber, inRange } from '../given-options.js';
import { similarityChunkBytes, similarityFileChunks } from '../item-item/dense-matrix.js';
import { itemItemModel, matrixSizes, type TrainingSize } from '../item-item/item-item-model.js';
import { easeAlgorithmVersion, easeForm, easeMemory, easeWork, trainEase } from './train-ease.js';

/** Multiplications in f64, each with its addition, of one thread of an Intel Xeon. */
const multiplicationsPerSecond = 6e9;
/** Of a pair of items: its memory is first touched, turned, and rounded. */
const secondsPerCell = 8e-9;

export const easeModel = itemItemModel(
  {
    ...({ name: 'ease', algorithmVersion: easeAlgorithmVersion, scorer: 'item-item' } as const),
    flags: ['reg'],
    resolve: (given) => ({ reg: inRange('reg', givenNumber(given, 'reg', 150), 'ease', 1e-3) }),
  },
  (byUser, size, options) => {
    const { numItems } = size;
    requireFit(byUser, size);
    return {
      modelBytes: 4 * numItems ** 2,
      sizes: easeSizes(size),
      // As they were read (25 bytes each), and by user and by item (8 each).
      bytesPerPair: 41,
      seconds: () =>
        easeWork(size, easeForm(size)) / multiplicationsPerSecond + secondsPerCell * numItems ** 2,
      unit: 'tile rows',
      train: (pool, onStep) =>
        trainEase(
          pool,
          { byUser, byItem: transpose(byUser, numItems) },
          givenNumber(options, 'reg', 0),
          onStep,
        ),
      *files({ workspace }, matrix) {
        yield ['similarity', similarityFileChunks(workspace, matrix)];
      },
    };
  },
);

function easeSizes(size: TrainingSize) {
  return matrixSizes(easeMemory(size), size.numItems, similarityChunkBytes(size.numItems));
}

/** AppError 'too-large' where memory does not suffice, with the least --min-item-users that makes it fit. */
function requireFit({ idx }: SparseRows, { numUsers, numItems }: TrainingSize): void {
  const bytesOf = (items: number, nnz: number): number =>
    poolBytes({ threads: 1, ...easeSizes({ numUsers, numItems: items, nnz }) });
  const what = `ease on ${numItems} items needs`;
  requireBytes(bytesOf(numItems, idx.length), what, '4 bytes × items²', () => {
    const users = new Uint32Array(numItems);
    for (const item of idx) users[item] = (users[item] ?? 0) + 1;
    let [least, items, nnz] = [1, numItems, idx.length];
    while (items > 0 && bytesOf(items, nnz) > mostAllocatedBytes) {
      least++;
      const kept = users.filter((count) => count >= least);
      [items, nnz] = [kept.length, kept.reduce((sum, count) => sum + count, 0)];
    }
    return {
      suggestions: [
        ...(items > 0 ? [`\`minItemUsers\` ${least} keeps ${items} items, which fit`] : []),
        'or train `model` als, whose memory grows with the number of items, not its square',
      ],
      details: { items: numItems, ...(items > 0 ? { minItemUsers: least, fittingItems: items } : {}) },
    };
  });
}
