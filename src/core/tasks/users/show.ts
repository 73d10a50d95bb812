/** `segue users show`: a user's history, the items of the most weight first. */
import { keeping } from '../../closers.js';
import type { Count, ItemRecord, Pairs, Rank, SnapshotId, TaskContext, Text } from '../../contracts.js';
import type * as operations from '../../options/queries.js';
import type { Asked } from '../../options/option.js';
import { banned, isTime, isUnseen, preferred, weightUnits } from '../../numeric/pairs.js';
import { pairsAt } from '../../numeric/split-pairs.js';
import { openUsers } from '../../query/open-users.js';
import { snapshotFile } from '../../snapshot/layout.js';
import { openForReading } from '../../snapshot/open-snapshot.js';
import { openCatalogue } from '../../store/catalogue.js';

export type ShowUserOptions = Asked<typeof operations.showUser.options>;

export type SeenItem = ItemRecord & {
  readonly rank: Rank;
  /** What the history says of it. */
  readonly opinion: 'seen' | 'disliked' | 'banned';
  /** Of the latest event, ISO 8601; absent where none was given. */
  readonly last?: string;
  readonly events: Count;
  /** Summed over the events: plays, where none was given. */
  readonly weight: number;
};

export interface ShownUser {
  readonly snapshot: SnapshotId;
  readonly user: Text;
  readonly events: Count;
  /** Items of the history, in all. */
  readonly of: Count;
  readonly disliked: Count;
  readonly banned: Count;
  /** When the items were last played: the earliest and the latest of those times, ISO 8601; null without times. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** By weight, then row. */
  readonly items: readonly SeenItem[];
}

/** Without what is only there because they like its artist or album. */
function seenOf(history: Pairs): Pairs {
  const positions = [...history.item.keys()].filter((p) => !isUnseen(history.flags[p] ?? 0));
  return pairsAt(history, positions, Uint32Array.of(0, positions.length));
}

/** AppErrors: of opening a snapshot; 'user-not-found'; 'missing-part' where it was made without users. */
export async function showUser(options: ShowUserOptions, context: TaskContext): Promise<ShownUser> {
  return keeping(async (opened) => {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const catalogue = opened.keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const numItems = snapshot.manifest.inputs.interactions.items;
    const users = await opened.keep(openUsers(snapshot, numItems, () => catalogue)).asOfNow(options);
    const { item, weight, count, lastAt, flags } = seenOf(users.historyOf(users.rowOf(options.user)));
    const opinions = [...flags].map((flag) =>
      (flag & banned) !== 0 ? 'banned' : (flag & preferred) === 0 ? 'disliked' : 'seen',
    );
    const pairs = [...item.keys()].sort((a, b) => {
      const [first = 0n, second = 0n] = [weight[a], weight[b]];
      return first === second ? a - b : first < second ? 1 : -1;
    });
    const times = [...lastAt].filter(isTime).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const said = (time: bigint | undefined): string | null =>
      time === undefined ? null : new Date(Number(time)).toISOString();
    return {
      snapshot: snapshot.id,
      user: options.user,
      events: count.reduce((sum, events) => sum + events, 0),
      of: item.length,
      disliked: opinions.filter((opinion) => opinion === 'disliked').length,
      banned: opinions.filter((opinion) => opinion === 'banned').length,
      firstAt: said(times[0]),
      lastAt: said(times.at(-1)),
      items: pairs.slice(0, options.k).map((pair, at) => {
        const last = lastAt[pair] ?? 0n;
        return {
          ...catalogue.record('item', item[pair] ?? 0),
          rank: at + 1,
          opinion: opinions[pair] ?? 'seen',
          ...(isTime(last) ? { last: new Date(Number(last)).toISOString() } : {}),
          events: count[pair] ?? 0,
          weight: Number(weight[pair] ?? 0n) / Number(weightUnits),
        };
      }),
    };
  });
}
