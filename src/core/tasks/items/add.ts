/** `segue items add`: items that came after a training, with vectors made from their columns, in a new snapshot. */
import { closing, keeping } from '../../closers.js';
import { openPool } from '../../compute/pool.js';
import { openVectorFile } from '../../compute/vector-file.js';
import type { Count, Share, SnapshotId, TaskContext } from '../../contracts.js';
import { AppError, type ErrorCode } from '../../errors.js';
import { readItemTable } from '../../events/read-items.js';
import { itemTextOptions } from '../../events/text-options.js';
import { readNpy } from '../../files/npy.js';
import { sha256Hex } from '../../files/sha256.js';
import {
  featureRows,
  learnFeatures,
  type LeftOutColumn,
  type UsedColumn,
  type VectorsOfItems,
} from '../../models/features/item-features.js';
import type { AskedOf } from '../../options/asked-of.js';
import { extendIvf, extendPoolSizes, type StoredLists } from '../../search/ivf-extend.js';
import { allocateIvfRows } from '../../search/ivf-build.js';
import { orderLayout } from '../../search/norm-order.js';
import { canonicalJson } from '../../snapshot/canonical-json.js';
import { tellWhatStays } from '../../snapshot/derived-snapshots.js';
import { grownKind, type GrownKind } from '../../snapshot/grown-kinds.js';
import { probesOf } from '../../snapshot/index-probes.js';
import { kindsOf } from '../../snapshot/kinds.js';
import { indexFiles, kindFiles, requireTag, snapshotFile } from '../../snapshot/layout.js';
import { numTrained, type IndexSection, type Manifest } from '../../snapshot/manifest.js';
import { openForMaking, type OpenSnapshot } from '../../snapshot/open-snapshot.js';
import { readableIndex } from '../../snapshot/readable-index.js';
import { chosenColumns } from '../../models/features/chosen-columns.js';
import { columnsDrawnTo } from '../../models/features/trained-features.js';
import { requireVectors } from '../../snapshot/scorer.js';
import { contentOf, idWithParts, partsOf } from '../../snapshot/writing/derive.js';
import { makeSnapshot, type MadeSnapshot } from '../../snapshot/writing/make-snapshot.js';
import { writeIndex, writeNormOrder } from '../../snapshot/writing/write-index.js';
import type { SnapshotDraft } from '../../snapshot/writing/write-snapshot.js';
import { featureTable } from '../../tables/grown-column.js';
import { readStoredItems } from '../../tables/snapshot-tables.js';
import { sectionOfTuning } from '../build-index.js';
import { secondsSince } from '../seconds.js';
import { joinItems, recordAt, type JoinedItems } from './joined-items.js';
import { readItemVectors } from './item-vectors.js';
import { changedFiles, writeAddedItems, type Addition } from './write-added.js';

export type AddItemsOptions = AskedOf<'addItems'>;

export interface AddItemsResult extends MadeSnapshot {
  readonly parent: SnapshotId;
  /** New items with a vector, and those that were in the catalogue without plays and have one now. */
  readonly added: Count;
  readonly unplayed: Count;
  /** Items of the file that had a vector before: they stay as they are. */
  readonly known: Count;
  /** New items of which no value is known: they have names, and no vector. */
  readonly unknown: Count;
  /** Items with a vector in the new snapshot. */
  readonly items: Count;
  readonly columns: readonly UsedColumn[];
  readonly leftOut: readonly LeftOutColumn[];
  /** Of the index, with the new items in its lists, on a smaller sample; null without one. */
  readonly index: { readonly recallAt10: Share; readonly sampled: Count } | null;
}

/** Raised whenever the same file would make other vectors. */
const mapVersion = 2;

export async function addItems(options: AddItemsOptions, context: TaskContext): Promise<AddItemsResult> {
  const started = performance.now();
  const { root, tag } = options;
  if (tag !== undefined) requireTag(tag);
  return keeping(async (opened) => {
    const parent = opened.keep(await openForMaking(root, options.snapshot, context, options.as));
    requireVectors(parent, 'there is none to make for new items');
    const { manifest } = parent;
    const given = await readItemTable(options.items, { ...itemTextOptions(options), ...context });
    const own = await readStoredItems(parent.file(snapshotFile.itemTable));
    const joined = joinItems(own, given, options.items);
    for (const name of joined.years) {
      const message = `${options.items}: of the dates in ${JSON.stringify(name)} the years are kept, as in the snapshot`;
      context.onProgress({ kind: 'note', message });
    }
    const { vectors, sha256: vectorsSha256 } = await readItemVectors(options, joined.ids, context);
    const names = joined.columns.map(({ name }) => name);
    const isShared = (name: string): boolean =>
      names.includes(name) && !joined.missing.includes(name) && !joined.further.includes(name);
    const chosen =
      options.fromColumns === undefined
        ? columnsDrawnTo(manifest.model.parameters, isShared)
        : chosenColumns('fromColumns', options.fromColumns, names);
    const addition = plan(manifest, joined, vectors, chosen);
    const { features, mapped } = addition;
    const numItems = manifest.inputs.interactions.items;
    const added = mapped.filter((row) => row >= joined.before).length;
    if (mapped.length === 0) {
      const [ofOwn, ofFile] = [own, given].map(({ columns }) =>
        columns.map(({ name }) => name).filter(isMetadata),
      );
      throw nothingToAdd(parent, options.items, ofOwn!, ofFile!, addition);
    }
    const without = vectors && mapped.filter((row) => vectors.of(row) === undefined).length;
    if (without !== undefined && without > 0) {
      const message = `${without} of ${mapped.length} items have no vector in ${options.itemVectors}: their columns alone say theirs`;
      context.onProgress({ kind: 'note', message });
    }
    const identity = [
      mapVersion,
      manifest.model.added?.sha256 ?? null,
      given.sha256,
      chosen === undefined ? null : [...chosen].sort(),
      vectorsSha256 ?? null,
    ];
    const sha256 = sha256Hex(canonicalJson(identity));
    const index = plannedIndex(parent, context);
    const id = idWithParts(parent.basis, { ...partsOf(manifest), index, added: { sha256 } });
    const estimatedBytes = 1.2 * Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
    const made = await makeSnapshot(
      { root, id, tag, estimatedBytes },
      async (draft) => {
        const indexed =
          index === null ? [] : Object.keys(manifest.files).filter((f) => f.startsWith('index/'));
        draft.inherit(parent, ['model', 'users'], [...changedFiles, ...indexed]);
        const kinds = await growKinds(parent, addition);
        const vectorsOfAdded = await writeAddedItems(draft, parent, addition, kinds);
        const content = contentOf(manifest);
        const { model, inputs } = content;
        const interactions = { ...inputs.interactions, items: numItems + mapped.length };
        const rowsOfAdded = (model.added?.rows ?? 0) + mapped.length;
        return {
          ...{ ...content, id, parent: parent.id },
          inputs: { ...inputs, interactions },
          model: { ...model, ...grownSections(manifest, kinds), added: { rows: rowsOfAdded, sha256 } },
          index: index && { item: await extend(draft, options, parent, index.item, vectorsOfAdded, context) },
        };
      },
      context,
    );
    tellWhatStays(root, parent, id, context);
    const item = made.manifest.index?.item;
    return {
      ...{ snapshot: id, parent: made.manifest.parent ?? parent.id, basis: parent.basis },
      ...{ added, unplayed: mapped.length - added },
      known: joined.known.filter((row) => row < numItems).length,
      unknown: joined.ids.length - joined.before - added,
      items: made.manifest.inputs.interactions.items,
      columns: features.used,
      leftOut: features.leftOut,
      index: item === undefined ? null : { recallAt10: item.recallAt10, sampled: item.sampled },
      ...{ seconds: secondsSince(started), existed: made.existed, tag: tag ?? null, path: made.path },
    };
  });
}

/** What the columns say, of whom, and which rows there will be: those without a vector come last. */
function plan(
  manifest: Manifest,
  joined: JoinedItems,
  vectors: VectorsOfItems | undefined,
  chosen: ReadonlySet<string> | undefined,
): Addition {
  const { ids, columns, missing, further } = joined;
  const numItems = manifest.inputs.interactions.items;
  const trained = Uint32Array.from({ length: numTrained(manifest) }, (_, row) => row);
  // A column that new items cannot have would explain what others must.
  const absent = new Map([
    ...missing.map((name) => [name, 'the file does not have it'] as const),
    ...further.map((name) => [name, 'the snapshot does not have it'] as const),
  ]);
  const usable = columns.filter(({ name }) => chosen !== undefined || !absent.has(name));
  const features = learnFeatures({ ...featureTable(usable), vectors }, trained, chosen);
  const unused = usable.length < columns.length ? [...absent] : [];
  const leftOut = [...features.leftOut, ...unused.map(([name, why]) => ({ name, why }))];
  const rows = Array.from({ length: ids.length - numItems }, (_, at) => numItems + at);
  const { indptr } = featureRows(features, rows);
  const isKnown = (row: number): boolean => indptr[row - numItems + 1]! > indptr[row - numItems]!;
  const mapped = Uint32Array.from(rows.filter(isKnown));
  const rest = rows.filter((row) => !isKnown(row));
  // Items that had a row before come before the new ones, so that most keep it.
  const source = Uint32Array.from([...Array.from({ length: numItems }, (_, row) => row), ...mapped, ...rest]);
  return { joined, features: { ...features, leftOut }, source, mapped };
}

const isMetadata = (column: string): boolean => column !== 'name';

/** @param own columns of the snapshot's items, and those of the file */
function nothingToAdd(
  { id }: OpenSnapshot,
  file: string,
  own: readonly string[],
  given: readonly string[],
  { joined, features }: Addition,
): AppError {
  const details = { file, snapshot: id, columns: features.used, leftOut: features.leftOut, own, given };
  const refused = (code: ErrorCode, why: string, ...suggestions: string[]): AppError =>
    new AppError(code, `there is nothing to add from ${file}: ${why}`, { suggestions, details });
  if (joined.ids.length === joined.before) return refused('empty-input', 'the snapshot has all its items');
  if (own.length === 0) {
    return refused(
      ...([
        'missing-part',
        `snapshot ${id} has no columns of its items, by which new ones could be known`,
      ] as const),
      'segue train EVENTS --items FILE, whose columns say what the items are: artist, genre, released',
      'or give vectors of all items: `itemVectors` FILE',
    );
  }
  if (joined.missing.length === own.length) {
    const columns = given.length === 0 ? 'no columns beside ids and names' : given.join(', ');
    return refused(
      ...([
        'empty-input',
        `it has ${columns}, and the items of snapshot ${id} have ${own.join(', ')}`,
      ] as const),
      `call a column as the snapshot does: \`itemColumns\` ${own[0]}=${given[0] ?? 'NAME'}`,
    );
  }
  const columns = features.used.map(({ name }) => name).join(', ') || 'any column';
  return refused('empty-input', `no trained item has a value of theirs in ${columns}`);
}

/** The index's section as far as it is known before; null where there is none to extend. */
function plannedIndex(
  parent: OpenSnapshot,
  { onProgress }: TaskContext,
): { readonly item: IndexSection } | null {
  const { manifest } = parent;
  const item = readableIndex(manifest);
  if (item !== null && item.lists > 0) {
    const options = { ...item.options, extended: manifest.inputs.interactions.items };
    return { item: { ...item, options } };
  }
  if (manifest.index !== null) {
    const message = 'the index cannot be extended, and is left out';
    onProgress({ kind: 'warning', message, suggestions: ['segue build-index latest'] });
  }
  return null;
}

async function growKinds(parent: OpenSnapshot, addition: Addition): Promise<GrownKind[]> {
  const { joined, source } = addition;
  const records = Array.from({ length: joined.ids.length - joined.before }, (_, at) =>
    recordAt(joined, joined.before + at),
  );
  const grown: GrownKind[] = [];
  for (const { name, rows } of kindsOf(parent.manifest)) {
    const { table, ofItem } = kindFiles[name];
    const known = readNpy(parent.file(ofItem), { dtype: '<u4', shape: [joined.before] }).data;
    const kind = grownKind(name, await readStoredItems(parent.file(table), rows), known, records);
    grown.push({ ...kind, ofItem: source.map((row) => kind.ofItem[row]!) });
  }
  return grown;
}

function grownSections({ model }: Manifest, kinds: readonly GrownKind[]): Pick<Manifest['model'], 'kinds'> {
  if (model.kinds === undefined) return {};
  const sections = kinds.map(
    ({ kind, ids }) => [kind, { ...model.kinds?.[kind], rows: ids.length }] as const,
  );
  return {
    kinds: { ...model.kinds, ...Object.fromEntries(sections) } as Manifest['model']['kinds'] & object,
  };
}

/** The lists with the new rows, and all rows by norm. */
async function extend(
  draft: SnapshotDraft,
  { threads }: AddItemsOptions,
  parent: OpenSnapshot,
  planned: IndexSection,
  added: Float32Array,
  context: TaskContext,
): Promise<IndexSection> {
  const read = (name: (typeof indexFiles)[keyof typeof indexFiles]): Uint32Array =>
    readNpy(parent.file(name), { dtype: '<u4', shape: [undefined] }).data;
  const lists: StoredLists = {
    regionOffsets: read(indexFiles.regionOffsets),
    offsets: read(indexFiles.offsets),
    rows: read(indexFiles.rows),
  };
  return closing(openVectorFile(parent.file(snapshotFile.itemVectors)), async (file) => {
    const { dim, paddedDim } = file;
    const numRows = file.numRows + added.length / dim;
    const sizes = extendPoolSizes(numRows, paddedDim, lists);
    const workspaceBytes = sizes.workspaceBytes + orderLayout(numRows, paddedDim).bytes;
    const pool = openPool({ threads, ...sizes, workspaceBytes, signal: context.signal });
    return closing(pool, async () => {
      const { workspace } = pool;
      const rows = allocateIvfRows(pool, numRows, paddedDim);
      file.readAllInto(workspace, rows.address);
      const values = workspace.f32(rows.address, numRows * paddedDim);
      for (let row = file.numRows, from = 0; row < numRows; row++, from += dim)
        values.set(added.subarray(from, from + dim), row * paddedDim);
      writeNormOrder(draft, workspace, rows);
      const { targetRecall, options } = planned;
      const [at10, at100] = [probesOf(planned, 10), probesOf(planned, 100)];
      const { index, tuning } = await extendIvf(pool, rows, {
        ...{ lists, at10, at100, targetRecall, seed: Number(options['seed'] ?? 0) },
      });
      writeIndex(draft, workspace, index);
      return { ...planned, ...sectionOfTuning(tuning) };
    });
  });
}
