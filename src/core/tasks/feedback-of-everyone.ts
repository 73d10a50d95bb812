/** `user-vector --all`: what the ledger of a root makes of everyone's histories. */
import { keeping } from '../closers.js';
import type { Pairs, StringColumn } from '../contracts.js';
import type { FeedbackOptions } from '../feedback/follow-ledger.js';
import { foldedOf } from '../feedback/known-entries.js';
import { emptyHistory } from '../histories/opinions.js';
import { replaceHistories, type UserHistories } from '../histories/replace-histories.js';
import { isTime } from '../numeric/pairs.js';
import { gatherUsers, usersOf } from '../numeric/split-pairs.js';
import type { KnownUsers } from '../query/known-users.js';
import { openUsers } from '../query/open-users.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { ManifestOptions } from '../snapshot/manifest.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';
import { rowFinder } from '../tables/row-finder.js';
import { packStrings, StringColumnBuilder } from '../tables/string-column.js';

export interface EveryoneWithFeedback extends UserHistories {
  /** What the manifest says of it: what the ledger was, and the time of the latest event apart from it. */
  readonly option: ManifestOptions;
  /** Whether the ledger, or another before, made these histories. */
  readonly isChanged: boolean;
  /** Who does not keep an imported vector: whose history is given, and who was forgotten. */
  readonly replaced: StringColumn | undefined;
}

/** Users between two pieces of memory. */
const usersAtOnce = 4096;

/**
 * Everyone of a snapshot, those whose histories `given` gives in place of the snapshot's, and those whom only the ledger
 * knows; without those who were forgotten. Numbered by (events descending, id bytes ascending).
 */
export async function withFeedbackOfEveryone(
  parent: OpenSnapshot,
  everyone: UserHistories,
  given: StringColumn | undefined,
  asked: FeedbackOptions,
): Promise<EveryoneWithFeedback> {
  return keeping(async (opened) => {
    const { numItems } = everyone.pairs;
    const catalogue = opened.lazy(() => openCatalogue(parent.file(snapshotFile.itemStore)));
    const users = await opened.keep(openUsers(parent, numItems, catalogue)).asOfNow(asked);
    if (users.mark === undefined) {
      const before = parent.manifest.users?.options['feedback'];
      const option: ManifestOptions = before === undefined ? {} : { feedback: before };
      return { ...everyone, option, isChanged: false, replaced: given };
    }
    const { skipWeight = 0 } = asked;
    const feedback = {
      ...users.mark,
      lastAt: latestOf(parent, everyone.pairs, given),
      ...(skipWeight === 0 ? {} : { skipWeight }),
    };
    const { ids, pairs } = changed(users, everyone, given);
    const none = packStrings([]);
    return {
      ...replaceHistories(none, emptyHistory(numItems), ids, pairs),
      ...{
        option: { feedback },
        isChanged: true,
        replaced: parent.hasUsers(snapshotFile.userImported)
          ? withForgotten(users, everyone.ids, given)
          : given,
      },
    };
  });
}

function changed(
  users: KnownUsers,
  { ids, pairs }: UserHistories,
  given: StringColumn | undefined,
): UserHistories {
  const isGiven = given === undefined ? undefined : rowFinder(given);
  const kept = new StringColumnBuilder('user ids', ids.length);
  const pieces: Pairs[] = [];
  let piece: Pairs[] = [];
  const end = (): void => {
    pieces.push(gatherUsers(new Uint32Array(piece.length), (at) => piece[at] ?? pairs, pairs.numItems));
    piece = [];
  };
  const take = (id: string, history: Pairs): void => {
    kept.push(id);
    if (piece.push(history) === usersAtOnce) end();
  };
  for (let u = 0; u < ids.length; u++) {
    const id = ids.at(u);
    const ofFile = isGiven?.(ids, u) !== undefined;
    if (ofFile || users.findRow(id) !== undefined)
      take(id, users.withFeedback(id, usersOf(pairs, u, u + 1), ofFile));
  }
  const hasHistory = rowFinder(ids);
  const added = (users.everyone() ?? new Uint32Array(0)).filter((row) => row >= users.numStored);
  const addedIds = users.idsOf(added);
  added.forEach((row, at) => {
    if (hasHistory(addedIds, at) === undefined) take(addedIds.at(at), users.historyOf(row));
  });
  end();
  const of = Array.from({ length: kept.length }, (_, u) => u % usersAtOnce);
  const all = gatherUsers(of, (u) => pieces[Math.floor(u / usersAtOnce)] ?? pairs, pairs.numItems);
  return { ids: kept.finish(), pairs: all };
}

/** ISO 8601; of the latest event that the histories are made from, but for the ledger's. */
function latestOf(
  { manifest }: OpenSnapshot,
  { lastAt }: Pairs,
  given: StringColumn | undefined,
): string | null {
  const folded = foldedOf(manifest.users);
  const known = folded === undefined ? manifest.inputs.interactions.lastAt : folded.lastAt;
  const isTrained =
    given === undefined && (folded !== undefined || manifest.users?.options['histories'] === undefined);
  if (isTrained) return known;
  const latest = lastAt.reduce(
    (last, at) => (isTime(at) && at > last ? at : last),
    BigInt(Date.parse(known ?? '') || 0),
  );
  return latest === 0n ? known : new Date(Number(latest)).toISOString();
}

/** Those, and users whose imported vector was forgotten. */
function withForgotten(
  users: KnownUsers,
  ids: StringColumn,
  given: StringColumn | undefined,
): StringColumn | undefined {
  const replaced = new StringColumnBuilder('user ids');
  for (let u = 0; u < (given?.length ?? 0); u++) replaced.push(given?.at(u) ?? '');
  for (let u = 0; u < ids.length; u++) {
    const id = ids.at(u);
    const row = users.findRow(id);
    if (row !== undefined && !users.isImported(row)) replaced.push(id);
  }
  return replaced.finish();
}
