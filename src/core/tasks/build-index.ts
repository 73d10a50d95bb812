/** `segue build-index`: an index over the item vectors, in a new snapshot that shares all else with its parent. */
import { keeping, closing } from '../closers.js';
import { factorBytes } from '../compute/factors.js';
import { openPool } from '../compute/pool.js';
import type { Count, Share, SnapshotId, TaskContext } from '../contracts.js';
import { refusedOption } from '../errors.js';
import {
  allocateIvfRows,
  buildIvf,
  defaultLists,
  ivfAlgorithmVersion,
  ivfPoolSizes,
} from '../search/ivf-build.js';
import { orderLayout, orderEncoding } from '../search/norm-order.js';
import { tellWhatStays } from '../snapshot/derived-snapshots.js';
import { contentOf, idWithParts, partsOf } from '../snapshot/writing/derive.js';
import { requireTag, snapshotFile } from '../snapshot/layout.js';
import type { Tuning } from '../search/probe-tuning.js';
import type { IndexSection } from '../snapshot/manifest.js';
import { openForMaking } from '../snapshot/open-snapshot.js';
import { normOrderBytes } from '../snapshot/norm-order.js';
import { requireVectors } from '../snapshot/scorer.js';
import { indexEncoding } from '../snapshot/readable-index.js';
import { indexBytes, writeIndex, writeNormOrder } from '../snapshot/writing/write-index.js';
import { makeSnapshot, type MadeSnapshot } from '../snapshot/writing/make-snapshot.js';
import type { SnapshotDraft } from '../snapshot/writing/write-snapshot.js';
import { openVectorFile, type VectorFile } from '../compute/vector-file.js';
import { secondsSince } from './seconds.js';
import type { AskedOf } from '../options/asked-of.js';

export type BuildIndexOptions = AskedOf<'buildIndex'>;

export interface BuildIndexResult extends MadeSnapshot {
  readonly parent: SnapshotId;
  readonly kind: 'item';
  /** Lists that were made: those that hold something. */
  readonly lists: Count;
  /** Lists that a search looks into. */
  readonly probes: Count;
  readonly targetRecall: Share;
  /** Measured against the exact scan, on `sampled` items; its 95 % interval for all items. */
  readonly recallAt10: Share;
  readonly recallInterval: readonly [Share, Share];
  readonly sampled: Count;
  /** The same for the hundred nearest, for which a search looks into more lists. */
  readonly at100: { readonly recall: Share; readonly probes: Count; readonly sampled: Count };
  /** Of the index's files. */
  readonly bytes: Count;
  /** Of those, the items in the order of their norms, from which a recommendation is found. */
  readonly orderBytes: Count;
}

/** The part of the manifest's section that is known before anything is built. */
type PlannedSection = Pick<IndexSection, 'kind' | 'encoding' | 'targetRecall' | 'options'>;

export async function buildIndex(
  options: BuildIndexOptions,
  context: TaskContext,
): Promise<BuildIndexResult> {
  const started = performance.now();
  checkOptions(options);
  return keeping(async (opened) => {
    const parent = opened.keep(await openForMaking(options.root, options.snapshot, context, options.as));
    requireVectors(parent, 'there is nothing to index');
    const vectors = opened.keep(openVectorFile(parent.file(snapshotFile.itemVectors)));
    const { numRows, paddedDim } = vectors;
    const lists = Math.min(options.lists ?? defaultLists(numRows), numRows);
    const section: PlannedSection = {
      kind: 'ivf',
      encoding: indexEncoding,
      targetRecall: options.targetRecall,
      options: { lists, seed: options.seed, 'algorithm-version': ivfAlgorithmVersion, order: orderEncoding },
    };
    const id = idWithParts(parent.basis, { ...partsOf(parent.manifest), index: { item: section } });
    const estimatedBytes = (numRows + lists) * (paddedDim + 8) + (paddedDim + 16) * numRows + 65_536;
    const made = await makeSnapshot(
      { root: options.root, id, tag: options.tag, estimatedBytes },
      async (draft) => {
        draft.inherit(parent, ['model', 'users']);
        const item = await build(draft, options, vectors, section, lists, context);
        return { ...contentOf(parent.manifest), id, parent: parent.id, index: { item } };
      },
      context,
    );
    const { manifest, existed, path } = made;
    if (manifest.index === null) throw new Error(`snapshot ${id} was made without its index`);
    const index = manifest.index.item;
    const bytesOfOrder = normOrderBytes(manifest);
    tellWhatStays(options.root, parent, id, context);
    return {
      snapshot: id,
      parent: manifest.parent ?? parent.id,
      basis: parent.basis,
      kind: 'item',
      lists: index.lists,
      probes: index.probes,
      targetRecall: index.targetRecall,
      recallAt10: index.recallAt10,
      recallInterval: index.recallInterval ?? [index.recallAt10, index.recallAt10],
      sampled: index.sampled,
      at100: at100Of(index),
      seconds: secondsSince(started),
      bytes: indexBytes(manifest) + bytesOfOrder,
      orderBytes: bytesOfOrder,
      existed,
      tag: options.tag ?? null,
      path,
    };
  });
}

function at100Of({ recallAt10, probes, sampled, at100 }: IndexSection): BuildIndexResult['at100'] {
  if (at100 === undefined) return { recall: recallAt10, probes, sampled };
  return { recall: at100.recall, probes: at100.probes, sampled: at100.sampled };
}

function checkOptions({ targetRecall, lists, tag }: BuildIndexOptions): void {
  if (!(targetRecall > 0 && targetRecall <= 1))
    throw refusedOption('targetRecall', targetRecall, 'a number above 0 and at most 1');
  if (lists !== undefined && !(Number.isInteger(lists) && lists >= 1))
    throw refusedOption('lists', lists, 'a whole number of at least 1');
  if (tag !== undefined) requireTag(tag);
}

/** Builds the index into the draft. Its memory is out of reach afterwards. */
async function build(
  draft: SnapshotDraft,
  { threads, seed, targetRecall }: BuildIndexOptions,
  vectors: VectorFile,
  planned: PlannedSection,
  lists: number,
  context: TaskContext,
): Promise<IndexSection> {
  const { numRows, paddedDim } = vectors;
  const sizes = ivfPoolSizes(numRows, paddedDim, lists);
  const forOrder = factorBytes(numRows, paddedDim) + orderLayout(numRows, paddedDim).bytes;
  const workspaceBytes = Math.max(sizes.workspaceBytes, forOrder);
  return closing(openPool({ threads, ...sizes, workspaceBytes, signal: context.signal }), async (pool) => {
    const rows = allocateIvfRows(pool, numRows, paddedDim);
    vectors.readAllInto(pool.workspace, rows.address);
    writeNormOrder(draft, pool.workspace, rows);
    const ivf = await buildIvf(pool, rows, { lists, targetRecall, seed }, context.onProgress);
    writeIndex(draft, pool.workspace, ivf.index);
    return { ...planned, lists: ivf.index.numLists, ...sectionOfTuning(ivf.tuning) };
  });
}

/** What was measured, as the manifest says it. */
export function sectionOfTuning({
  at10,
  at100,
}: Tuning): Omit<IndexSection, 'kind' | 'encoding' | 'lists' | 'targetRecall' | 'options'> {
  return {
    probes: at10.lists,
    regionGap: at10.gap,
    recallAt10: at10.recall.share,
    recallInterval: at10.recall.interval,
    sampled: at10.recall.sampled,
    at100: {
      probes: at100.lists,
      regionGap: at100.gap,
      recall: at100.recall.share,
      recallInterval: at100.recall.interval,
      sampled: at100.recall.sampled,
    },
  };
}
