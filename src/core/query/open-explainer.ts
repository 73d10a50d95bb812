import type { Pairs } from '../contracts.js';
import { openWorkspace } from '../compute/workspace.js';
import { openNpy, readNpy } from '../files/npy.js';
import { visitInnerProducts, visitRowSums, type EachScores } from '../search/score-scan.js';
import { scoredHistories } from '../models/ease/scored-histories.js';
import type { ScoreParts } from '../models/folding/score-parts.js';
import { openVectorFile, vectorBytes, type VectorFile } from '../compute/vector-file.js';
import type { FoundKind } from '../snapshot/kinds.js';
import { snapshotFile } from '../snapshot/layout.js';
import { openModel } from './open-model.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { foldOf, scorerOf, type StoredFold } from '../snapshot/scorer.js';
import { storedWeights } from './stored-weights.js';

/** One person's scores, and what they are made of. */
export interface ExplainedScores {
  /** Every score, in the order of rows: the bits that the scorer ranks by. */
  visit(each: EachScores): void;
  /** What each item of the history adds to the score of a row; undefined where scores are the same for everyone. */
  parts(): ScoreParts<number> | undefined;
}

/** A snapshot's model, asked why it scores as it does. */
export interface Explainer {
  readonly fold: StoredFold;
  of(history: Pairs): ExplainedScores;
  close(): void;
}

/**
 * Of the scores of a kind: an artist's or album's comes apart as an item's does, by its vector. AppError 'newer-format' for a
 * scorer or fold that this version does not know.
 */
export function openExplainer(snapshot: OpenSnapshot, kind: FoundKind): Explainer {
  switch (scorerOf(snapshot)) {
    case 'inner-product':
      return explainVectors(snapshot, kind);
    case 'item-item':
      return explainRows(snapshot);
    case 'constant':
      return explainAlike(snapshot);
  }
}

function explainVectors(snapshot: OpenSnapshot, kind: FoundKind): Explainer {
  const model = openModel(snapshot);
  const { itemVectors } = model;
  try {
    const fold = model.fold();
    const targets = openVectorFile(snapshot.file(kind.vectors));
    const vectorOf = vectorReader(targets);
    return {
      fold: foldOf(snapshot),
      of(history) {
        const { vector } = fold.one(history, itemVectors);
        let parts: ScoreParts<Float32Array> | undefined;
        return {
          visit: (each) => visitInnerProducts(targets, vector, each),
          parts() {
            const { items, of } = (parts ??= fold.parts(history, vector, itemVectors));
            return { items, of: (row) => of(vectorOf(row)) };
          },
        };
      },
      close() {
        targets.close();
        model.close();
      },
    };
  } catch (error) {
    model.close();
    throw error;
  }
}

/** A function that reads a row's vector, over the one before it. */
function vectorReader(file: VectorFile): (row: number) => Float32Array {
  const bytes = vectorBytes(1, file.dim);
  const workspace = openWorkspace(bytes + 64);
  const address = workspace.allocate(bytes);
  return (row) => {
    file.readRangeInto(workspace, address, row, row + 1);
    return workspace.f32(address, file.dim);
  };
}

function explainRows(snapshot: OpenSnapshot): Explainer {
  const weights = storedWeights(snapshot);
  const { kernels } = openWorkspace(0);
  const matrix = openVectorFile(snapshot.file(snapshotFile.similarity));
  const entries = openNpy(matrix.path, { dtype: '<f4', shape: [matrix.numRows, matrix.numRows] });
  return {
    fold: foldOf(snapshot),
    of(history) {
      const { idx, weight } = scoredHistories(history, weights, kernels);
      return {
        visit: (each) => visitRowSums(matrix, idx, weight, each),
        parts() {
          const seen = [...idx.keys()].filter((p) => weight[p] !== 0);
          const entry = new Float32Array(1);
          const entryAt = (item: number, row: number): number => {
            const at = item * matrix.numRows + row;
            entries.readInto(new Uint8Array(entry.buffer), at * Float32Array.BYTES_PER_ELEMENT);
            return entry[0] ?? 0;
          };
          return {
            items: Uint32Array.from(seen, (p) => idx[p] ?? 0),
            of: (row) => Float64Array.from(seen, (p) => (weight[p] ?? 0) * entryAt(idx[p] ?? 0, row)),
          };
        },
      };
    },
    close() {
      matrix.close();
      entries.close();
    },
  };
}

function explainAlike(snapshot: OpenSnapshot): Explainer {
  const { data } = readNpy(snapshot.file(snapshotFile.scores), { dtype: '<f4', shape: [undefined] });
  return {
    fold: foldOf(snapshot),
    of: () => ({
      visit: (each) => {
        each(0, data);
      },
      parts: () => undefined,
    }),
    close: () => undefined,
  };
}
