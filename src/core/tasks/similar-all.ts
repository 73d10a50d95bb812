/** `segue similar --all`: every item's neighbours, as one file or stream. */
import { keeping } from '../closers.js';
import type { Count, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { sha256Hex } from '../files/sha256.js';
import type { SearchMethod } from '../query/open-item-search.js';
import { recordOf } from '../query/find-entities.js';
import { trainedKind } from '../snapshot/layout.js';
import { openNeighbours, similarResult } from '../query/open-neighbours.js';
import { openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { commandKey } from '../tables/ranking-encoder.js';
import { sliceStrings } from '../tables/string-column.js';
import type { OpenNeighbourRanker } from '../query/many/rank-neighbours.js';
import { idsOfKind, openRankingEncoder } from '../query/many/ranking-files.js';
import type { Asked } from '../options/option.js';
import { similarAll as operation } from '../options/queries.js';
import {
  askedIdentity,
  formatOf,
  subjectsAtOnceOf,
  writeRankings,
  type WrittenRankings,
} from '../query/many/write-rankings.js';

export type SimilarAllOptions = Asked<typeof operation.options>;

export interface WrittenNeighbours extends Omit<WrittenRankings, 'subjects'> {
  readonly items: Count;
  readonly search: SearchMethod;
}

/** Every item's k nearest others. undefined where the bytes went to `write`. */
export async function similarAll(
  options: SimilarAllOptions,
  context: TaskContext,
): Promise<WrittenNeighbours | undefined> {
  const format = formatOf(options);
  if (!options.all) throw new AppError('bad-usage', '`out` and `format` are for many answers: `all`');
  return keeping(async (opened) => {
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
      const document = similarResult(snapshot.id, kind.name, {
        ...{ query: [], minus: [], filtered, neighbours: [], search },
      });
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
          ...{ subject: 'query', list: 'neighbours', documentOf: () => document },
          record: (row) => catalogue.record(kind.name, row),
          subjectRecord:
            kind.name === trainedKind ? undefined : (row) => recordOf(catalogue, { kind: kind.name, row }),
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
            ...askedIdentity(operation, options, []),
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
  });
}

/** Where neighbours are found, if not on this machine. */
async function rankerOf(options: SimilarAllOptions): Promise<OpenNeighbourRanker | undefined> {
  if (options.engine !== 'spark') return undefined;
  const { neighboursBySpark } = await import('../spark/neighbours-by-spark.js');
  return neighboursBySpark(options);
}

function metadataOf(
  { id, basis, manifest }: OpenSnapshot,
  { k, kind, where, minEvents }: SimilarAllOptions,
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
