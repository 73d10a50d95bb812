/** `segue import`: vectors that were trained elsewhere → a snapshot that every other command takes. */
import { closing } from '../closers.js';
import { vectorBatches } from '../compute/vector-file.js';
import type { Count, Measure, NonNegative, Positive, TaskContext } from '../contracts.js';
import { requireMemory } from '../files/machine-memory.js';
import type { ModelOptions } from '../models/model.js';
import { foldOfMeasure, importedModel, importOptions, type ImportedFold } from '../models/imported-model.js';
import { idWithParts } from '../snapshot/writing/derive.js';
import { findSnapshot } from '../snapshot/find-snapshot.js';
import { kindVersion } from '../snapshot/kind-rows.js';
import { requireTag } from '../snapshot/layout.js';
import type { ManifestContent } from '../snapshot/manifest.js';
import { trainingId } from '../snapshot/snapshot-id.js';
import { makeSnapshot, type MadeSnapshot } from '../snapshot/writing/make-snapshot.js';
import { writeModel } from '../snapshot/writing/write-model.js';
import type { SnapshotDraft } from '../snapshot/writing/write-snapshot.js';
import { writeUsers } from '../snapshot/writing/write-users.js';
import { caseFolding } from '../store/casefold.js';
import { foldImported } from './fold-imported.js';
import { interactionsInput, kindSections } from './manifest-sections.js';
import { readImport, type ImportVectorsOptions, type ReadImport } from './import-inputs.js';
import { secondsSince } from './seconds.js';

export type { ImportVectorsOptions };

export interface ImportCounts {
  readonly items: Positive;
  readonly users: Count;
  /** Users whose vectors were imported; the others are folded in. */
  readonly importedUsers: Count;
  /** Distinct pairs of user and item in the events. */
  readonly interactions: Count;
  readonly events: Count;
  /** Items and users whose vector is all zeros: nobody's neighbours. */
  readonly zeroVectors: Count;
}

export interface ImportVectorsResult extends ImportCounts, MadeSnapshot {
  readonly model: 'imported';
  /** @maximum 1024 */
  readonly dim: Positive;
  readonly measure: Measure;
  readonly fold: ImportedFold;
  readonly options: ModelOptions;
}

/** What `import --dry-run` says. */
export interface ImportPlan extends Omit<ImportVectorsResult, 'seconds' | 'tag' | 'path'> {
  readonly dryRun: true;
  /** Of the snapshot, about. */
  readonly diskBytes: NonNegative;
}

/**
 * AppErrors: 'bad-input-file', 'bad-row' and 'empty-input' for files that are not what they should be, 'too-large' past 4 GiB of vectors in
 * memory, 'bad-usage', and those of making a snapshot. The same files and options give the same snapshot, by their contents.
 */
export async function importVectors(
  options: ImportVectorsOptions,
  context: TaskContext,
): Promise<ImportVectorsResult | ImportPlan> {
  const started = performance.now();
  if (options.tag !== undefined) requireTag(options.tag);
  const settings = importOptions(options.measure, options.foldOptions);
  return closing(await readImport(options, context), async (read) => {
    const content = contentOf(read, settings, options.measure);
    const { id: snapshot, basis } = content;
    const about = {
      ...{ snapshot, basis, model: importedModel.name, ...countsOf(read), dim: read.dim },
      ...{ measure: options.measure, fold: foldOfMeasure(options.measure), options: settings },
    };
    if (options.dryRun) {
      const found = await findSnapshot(options.root, snapshot, context);
      found?.close();
      const existed = found !== undefined;
      return { dryRun: true, ...about, existed, diskBytes: diskBytesOf(read) };
    }
    requireMemory('importing', diskBytesOf(read), ['import without `events`, or fewer users']);
    const { root, tag } = options;
    const { existed, path } = await makeSnapshot(
      { root, id: snapshot, tag, estimatedBytes: diskBytesOf(read) },
      (draft) => write(draft, read, settings, content, context),
      context,
    );
    const seconds = secondsSince(started);
    return { ...about, seconds, existed, tag: tag ?? null, path };
  });
}

/** Folds in, and writes everything into the draft. */
async function write(
  draft: SnapshotDraft,
  read: ReadImport,
  settings: ModelOptions,
  content: ManifestContent,
  context: TaskContext,
): Promise<ManifestContent> {
  const { pool, items, users, dim, catalogue, kinds, interactions, imported } = read;
  const { workspace } = pool;
  const total = interactions.users.length;
  context.onProgress({ kind: 'step', phase: 'folding in', done: 0, total, unit: 'users' });
  const { files, unconverged } = await foldImported(read, settings);
  context.onProgress({ kind: 'step', phase: 'writing', done: 0, total: undefined, unit: 'bytes' });
  const values = workspace.f32(items.address, items.numRows * items.dim);
  const rows = { values, stride: items.dim, dim };
  await writeModel(draft, {
    files: files(),
    catalogue,
    kinds: kinds.length === 0 ? undefined : { rows: kinds, items: rows },
  });
  if (content.users === null) return content;
  const flags = new Uint8Array(total).fill(1, 0, imported);
  await writeUsers(draft, {
    vectors: vectorBatches(workspace, users.address, users.numRows, dim),
    dim,
    ids: interactions.users,
    histories: interactions.pairs,
    imported: imported === 0 ? undefined : flags,
  });
  return { ...content, users: { ...content.users, unconverged } };
}

function contentOf(read: ReadImport, settings: ModelOptions, measure: Measure): ManifestContent {
  const { interactions, itemsSha256, catalogue, kinds, vectors, userVectors, dim, imported } = read;
  const { name, algorithmVersion, scorer } = importedModel;
  const engine = 'local';
  const seed = 0;
  const identifying = {
    ...settings,
    vectors: vectors.sha256,
    ...(userVectors === undefined ? {} : { 'user-vectors': userVectors.sha256 }),
    // Counts that came with the vectors are in no hash of the events.
    ...(read.countsSha256 === undefined ? {} : { counts: read.countsSha256 }),
  };
  const basis = trainingId({
    interactionsSha256: interactions.sha256,
    itemsSha256,
    ...{ model: name, algorithmVersion, engine, seed, options: identifying },
    kinds: Object.fromEntries(kinds.map(({ kind }) => [kind, kindVersion])),
  });
  const numUsers = interactions.users.length;
  const users =
    numUsers === 0
      ? null
      : { rows: numUsers, unconverged: 0, ...(imported === 0 ? {} : { imported }), options: {} };
  return {
    id: idWithParts(basis, { users: { options: {} }, index: null }),
    basis,
    parent: null,
    inputs: {
      interactions: interactionsInput(interactions),
      items: itemsSha256 === null ? null : { sha256: itemsSha256, rows: catalogue.ids.length },
      vectors: { sha256: vectors.sha256, rows: read.items.numRows },
      ...(userVectors === undefined ? {} : { userVectors: { sha256: userVectors.sha256, rows: imported } }),
    },
    model: {
      ...{ name, algorithmVersion, scorer, fold: foldOfMeasure(measure), engine, seed, dim },
      options: settings,
      caseFolding,
      ...kindSections(kinds),
    },
    users,
    index: null,
    metrics: {},
  };
}

function countsOf({ interactions, imported, vectors, userVectors }: ReadImport): ImportCounts {
  return {
    items: interactions.items.length,
    users: interactions.users.length,
    importedUsers: imported,
    interactions: interactions.pairs.item.length,
    events: interactions.numEvents,
    zeroVectors: vectors.zeroRows + (userVectors?.zeroRows ?? 0),
  };
}

/** Vectors, histories, and three times the ids and names: tables, stores and their keys. */
function diskBytesOf({ interactions, catalogue, dim, kinds }: ReadImport): number {
  const { users, items, pairs } = interactions;
  const entities = kinds.reduce((sum, { ids }) => sum + ids.length, 0);
  const vectors = 4 * dim * (users.length + 2 * items.length + entities) + 4 * dim * dim;
  const texts = 3 * (users.bytes.length + catalogue.ids.bytes.length);
  return (
    vectors + 25 * pairs.item.length + texts + 200 * (users.length + catalogue.ids.length + entities) + 65_536
  );
}
