/** SLIM, as train-slim.ts makes it: a ridge per item over its nearest columns, for catalogues beyond what ease takes. */
import { poolBytes } from '../../compute/pool.js';
import { mostAllocatedBytes, openWorkspace } from '../../compute/workspace.js';
import { requireBytes } from '../fitting.js';
import { givenNumber, inRange } from '../given-options.js';
import { itemItemModel, matrixSizes, type TrainingSize } from '../item-item/item-item-model.js';
import { sparseMatrixFiles, type SparseMatrix } from '../item-item/sparse-matrix.js';
import type { GivenOptions } from '../model.js';
import { slimSeconds } from './slim-cost.js';
import { settingsOf } from './slim-settings.js';
import { neighboursOf, slimAlgorithmVersion, slimMemory, trainSlim } from './train-slim.js';

export const slimModel = itemItemModel(
  {
    ...({ name: 'slim', algorithmVersion: slimAlgorithmVersion, scorer: 'sparse-item-item' } as const),
    flags: ['reg', 'neighbours'],
    resolve: (given) => ({
      reg: orAuto(given, 'reg', (value) => inRange('reg', value, 'slim', 1e-3)),
      neighbours: orAuto(given, 'neighbours', (value) => inRange('neighbours', value, 'slim')),
    }),
  },
  (byUser, size, options) => {
    const { numItems } = size;
    const settings = settingsOf(byUser, numItems, options, openWorkspace(0).kernels);
    requireFit(size, settings.neighbours);
    return {
      modelBytes: 8 * numItems * neighboursOf(numItems, settings.neighbours) + 4 * numItems,
      parameters: { ...settings },
      sizes: slimSizes(size, settings.neighbours),
      // As they were read (25 bytes each), by user (8), scaled (4) and by item (8).
      bytesPerPair: 45,
      seconds: () => slimSeconds(byUser, numItems, settings),
      unit: 'items',
      train: (pool, onStep) =>
        trainSlim(pool, byUser, numItems, settings, (done, total) => {
          onStep('solving', done, total);
        }),
      files: ({ workspace }, matrix) => sparseMatrixFiles(workspace, matrix as SparseMatrix),
    };
  },
);

/** 'auto' where it follows from the data. */
function orAuto(given: GivenOptions, flag: string, checked: (value: number) => number): number | 'auto' {
  return (given[flag] ?? 'auto') === 'auto' ? 'auto' : checked(givenNumber(given, flag, 0));
}

function slimSizes(size: TrainingSize, neighbours: number) {
  return matrixSizes(slimMemory(size, neighbours), size.numItems);
}

/** AppError 'too-large' where memory does not suffice, with what would make it fit. */
function requireFit(size: TrainingSize, neighbours: number): void {
  const bytesOf = (m: number): number => poolBytes({ threads: 1, ...slimSizes(size, m) });
  const what = `slim on ${size.numItems} items with ${neighbours} neighbours needs`;
  requireBytes(bytesOf(neighbours), what, '16 bytes × items × neighbours, and 16 a pair', () => {
    let fewer = neighbours - 1;
    while (fewer > 0 && bytesOf(fewer) > mostAllocatedBytes) fewer--;
    return {
      suggestions: [
        ...(fewer > 0 ? [`it fits with \`neighbours\` ${fewer}`] : []),
        'leave out rare items (`minItemUsers`), or train `model` als',
      ],
      details: { items: size.numItems, ...(fewer > 0 ? { neighbours: fewer } : {}) },
    };
  });
}
