/** `segue similar --all`: every item's neighbours, as one file or stream. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { sha256Hex } from '../files/sha256.js';
import type { SearchMethod } from '../query/open-item-search.js';
import { openNeighbours } from '../query/open-neighbours.js';
import { openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { commandKey } from '../tables/ranking-encoder.js';
import { sliceStrings } from '../tables/string-column.js';
import type { OpenNeighbourRanker } from '../query/many/rank-neighbours.js';
import { idsOfKind, openRankingEncoder } from '../query/many/ranking-files.js';
import type { EngineOptions } from '../spark/spark-options.js';
import { optionValues } from '../options/values.js';
import type { EventsOptions } from '../query/filters/enough-events.js';
import type { SelectionOptions } from '../query/filters/selection.js';
import {
  formatOf,
  subjectsAtOnceOf,
  writeRankings,
  type RankingsOutput,
  type WrittenRankings,
} from '../query/many/write-rankings.js';

export interface SimilarAllOptions extends RankingsOutput, SelectionOptions, EventsOptions, EngineOptions {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Of a bundle which member; its first by default. */
  readonly as?: string | undefined;
  readonly all: boolean;
  /** Items that are named beside: none may be. */
  readonly items: readonly string[];
  /** Of single answers: not for many. */
  readonly weights?: readonly number[] | undefined;
  readonly vector?: string | undefined;
  readonly maxPerArtist?: number | undefined;
  readonly k: number;
  /** Kind of entity whose neighbours are found, among its own. */
  readonly kind: string;
  /** Compare with every item, even where an index would be faster. */
  readonly exact: boolean;
  readonly threads: number;
}

export interface WrittenNeighbours extends Omit<WrittenRankings, 'subjects'> {
  readonly items: number;
  readonly search: SearchMethod;
}

/** Every item's k nearest others. undefined where the bytes went to `write`. */
export async function similarAll(
  options: SimilarAllOptions,
  context: TaskContext,
): Promise<WrittenNeighbours | undefined> {
  const format = formatOf(options);
  if (!options.all || options.items.length > 0) {
    const message = options.all
      ? '`all` is for every item: it cannot be given with items'
      : '`out` and `format` are for many answers: `all`';
    throw new AppError('bad-usage', message);
  }
  const { weights, vector, maxPerArtist } = options;
  if (weights !== undefined || vector !== undefined || maxPerArtist !== undefined)
    throw new AppError(
      'bad-usage',
      '`weights`, `vector` and `maxPerArtist` are for one answer, not for `all`',
    );
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const neighbours = opened.keep(openNeighbours(snapshot, { inMemory: false }));
    const { catalogue } = neighbours;
    const { kind, numRows, filtered, among, search, ranker } = await neighbours.ofAll(
      { ...options, openRanker: await rankerOf(options) },
      context,
    );
    const { k, json = JSON.stringify } = options;
    try {
      const ids = idsOfKind(snapshot, kind, numRows);
      const subjectsAtOnce = subjectsAtOnceOf(Math.min(k, numRows));
      const read = (from: number, to: number): typeof ids => sliceStrings(ids, from, to);
      const filter = filtered === undefined ? '' : `,"filtered":${json(filtered)}`;
      const head = `{"snapshot":${json(snapshot.id)},"query":[`;
      const encoder = await openRankingEncoder(
        format,
        {
          columns: { subject: 'item', found: 'neighbour', score: 'similarity' },
          subjects: { length: ids.length, numBytes: ids.bytes.length, read },
          found: ids,
          nameOf: (row) => catalogue.record(kind.name, row).name,
          metadata: metadataOf(snapshot, options, search),
        },
        {
          head: () => head,
          afterRecord: `],"minus":[]${filter},"neighbours":[`,
          tail: `],"search":${json(search)}}`,
          record: (row) => catalogue.record(kind.name, row),
          json,
        },
      );
      const written = await writeRankings(
        {
          ...{ snapshot: snapshot.id, format, encoder, subjectsAtOnce, numSubjects: numRows },
          ...{ phase: 'finding neighbours', unit: `${kind.name}s` },
          blocksAhead: ranker.ranksAhead,
          ids: read,
          rank: (from, to) => ranker.rank(from, to),
          identity: {
            command: 'similar',
            kind: kind.name,
            k,
            search: { ...search },
            among: among === undefined ? null : sha256Hex(among.bits),
          },
        },
        options,
        context,
      );
      if (written === undefined) return undefined;
      const { subjects: items, ...rest } = written;
      return { ...rest, items, search };
    } finally {
      await ranker.close();
    }
  } finally {
    opened.close();
  }
}

/** Where neighbours are found, if not on this machine. */
async function rankerOf(options: SimilarAllOptions): Promise<OpenNeighbourRanker | undefined> {
  if (options.engine !== 'spark') return undefined;
  const { neighboursBySpark } = await import('../spark/neighbours-by-spark.js');
  return neighboursBySpark(options);
}

function metadataOf(
  { id, basis, manifest }: OpenSnapshot,
  { k, kind, where, minEvents = optionValues.minEvents.default }: SimilarAllOptions,
  search: SearchMethod,
): ReadonlyMap<string, string> {
  return new Map([
    [commandKey, 'similar'],
    ['segue.snapshot', id],
    ['segue.basis', basis],
    ['segue.model', manifest.model.name],
    ['segue.kind', kind],
    ['segue.k', String(k)],
    ['segue.search', JSON.stringify(search)],
    ['segue.min-events', String(minEvents)],
    ...(where === undefined ? [] : ([['segue.where', where]] as const)),
  ]);
}
