/** The items of an open snapshot as they are looked up: by words, by place, or one with what is known of it. */
import { Closers } from '../closers.js';
import type { Count, ItemRecord, Positive, Rank, SnapshotId, WithRank } from '../contracts.js';
import type { AsOfMark } from '../feedback/follow-ledger.js';
import type { Asked } from '../options/option.js';
import type { itemsQuery } from '../options/queries.js';
import { hasRow } from '../search/row-set.js';
import { rankScores } from '../search/score-ranking.js';
import { numPlayed, numRanked, requireKind, type Kind } from '../snapshot/kinds.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';
import { readArrowFile } from '../tables/arrow-reader.js';
import { KeptRows } from './filters/selection.js';
import { findEntity, recordOf } from './find-entities.js';

type ItemsQuestion = Asked<typeof itemsQuery.options>;

export type { LedgerMark } from '../feedback/known-entries.js';

/** Which part of a longer list is asked for. */
export interface ListPart extends AsOfMark {
  /** How many of the list stand before it; none without it. */
  readonly from?: number | undefined;
}

export type ListedItem = WithRank & ItemRecord & { readonly events: Count };

export interface ListItemsResult {
  readonly snapshot: SnapshotId;
  readonly kind: Kind;
  /** What was searched for; null: the most played are listed. */
  readonly words: string | null;
  /** The predicate as it was understood; null without one. */
  readonly where: string | null;
  /** Items that there are of the kind, those that nobody played among them. */
  readonly of: Count;
  /** By events, then row; of a search the best match first. */
  readonly items: readonly ListedItem[];
}

export interface ShownItem {
  readonly snapshot: SnapshotId;
  readonly kind: Kind;
  readonly item: ItemRecord;
  readonly events: Count;
  /** Its place by events, from 1; of several with as many events the first. */
  readonly place: Rank;
  /** Items that there are of the kind. */
  readonly of: Positive;
  /** Whether it can be searched for and recommended: an item that nobody played cannot. */
  readonly ranked: boolean;
}

export interface ItemLists {
  /** AppErrors: 'missing-part' for a kind that the snapshot does not have, those of a predicate. */
  list(question: ItemsQuestion & ListPart): Promise<ListItemsResult>;
  /** @param name id or name; artist:… and album:… too. AppErrors 'item-not-found', 'item-ambiguous'. */
  show(name: string): Promise<ShownItem>;
  /** What an id or name means, among a kind. AppErrors as of `show`, and 'missing-part'. */
  find(name: string, kind: string): ItemRecord;
  /** Before the snapshot. */
  close(): void;
}

/** How often items of a kind were played is read once. @param checkAbort as of a `SearchLimits` */
export function openItemLists(snapshot: OpenSnapshot, checkAbort?: () => void): ItemLists {
  const opened = new Closers();
  const catalogue = opened.keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
  const kept = new KeptRows(snapshot);
  const countsByKind = new Map<Kind, Promise<Counts>>();
  const countsOf = (kind: Kind): Promise<Counts> => {
    const known = countsByKind.get(kind) ?? readCounts(snapshot, kind);
    countsByKind.set(kind, known);
    return known;
  };
  return {
    async list({ k, from = 0, where, words: all, kind: asked }) {
      const { name: kind, table } = requireKind(snapshot, asked);
      const { events, order } = await countsOf(kind);
      const filtered =
        where === undefined
          ? undefined
          : await kept.rowsWhere(snapshot.file(table), where, events.length, '`where`');
      const words = all.length === 0 ? null : all.join(' ');
      const hidden = new Set(kept.hiddenRows(kind, catalogue));
      const has =
        filtered === undefined && hidden.size === 0
          ? undefined
          : (row: number) => !hidden.has(row) && (filtered === undefined || hasRow(filtered.rows, row));
      const found =
        words === null
          ? part(order, from, k, has)
          : catalogue.search(kind, words, {
              ...{ from, limit: k, numPlayed: numPlayed(snapshot, kind), has, checkAbort },
            });
      const items = Array.from(found, (row, at) => ({
        ...catalogue.record(kind, row),
        rank: from + at + 1,
        events: events[row] ?? 0,
      }));
      const { id } = snapshot;
      return { snapshot: id, kind, words, where: filtered?.predicate ?? null, of: events.length, items };
    },
    async show(name) {
      const { kind, row } = findEntity(snapshot, catalogue, name, 'item');
      const { events: counts } = await countsOf(kind);
      const events = counts[row] ?? 0;
      return {
        snapshot: snapshot.id,
        kind,
        item: catalogue.record(kind, row),
        events,
        place: 1 + counts.reduce((more, count) => more + (count > events ? 1 : 0), 0),
        of: counts.length,
        ranked: row < numRanked(snapshot, kind),
      };
    },
    find: (name, kind) =>
      recordOf(catalogue, findEntity(snapshot, catalogue, name, requireKind(snapshot, kind).name)),
    close: () => opened.close(),
  };
}

interface Counts {
  readonly events: Uint32Array;
  /** Rows by events, then row. */
  readonly order: Uint32Array;
}

async function readCounts(snapshot: OpenSnapshot, kind: Kind): Promise<Counts> {
  const events = (await readArrowFile(snapshot.file(requireKind(snapshot, kind).table))).counts('count');
  return { events, order: Uint32Array.from(rankScores(events), ({ row }) => row) };
}

/** Of the rows that `has` leaves, `k` after the first `from`. */
export function part(
  order: Uint32Array,
  from: number,
  k: number,
  has: ((row: number) => boolean) | undefined,
): ArrayLike<number> & Iterable<number> {
  if (has === undefined) return order.subarray(from, from + k);
  const rows: number[] = [];
  let before = 0;
  for (let at = 0; at < order.length && rows.length < k; at++) {
    const row = order[at]!;
    if (has(row) && ++before > from) rows.push(row);
  }
  return rows;
}
