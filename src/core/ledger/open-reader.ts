/** A ledger that is followed, and not changed. */
import { statSync } from 'node:fs';
import { errnoOf, machineError } from '../errors.js';
import { answerOf, beginCatchUp, stepCatchUp } from './catch-up.js';
import { damagedLedger } from './damaged-ledger.js';
import { openDisk } from './disk.js';
import type { Holder } from './drive.js';
import type { LedgerReader } from './entry.js';
import { heldOfLists, listsOf } from './held-entries.js';
import { nothingButLive, nothingKnown, tombstonesOf, watermarkOf } from './known.js';
import { compareBytes, ledgerView, usersInJournals } from './ledger-view.js';
import { fileOfBegunLedger, liveName } from './layout.js';
import { mergedLines } from './merge-tables.js';
import { LedgerFiles } from './perform.js';

/**
 * Follows the ledger in a directory; undefined where there is none, or it has not begun. It costs the reading of the
 * journals that were not compacted yet: some megabytes. AppErrors: 'damaged-ledger', 'newer-format', and those of the machine.
 */
export function openLedgerReader(directory: string): LedgerReader | undefined {
  if (!isThere(directory)) return undefined;
  const holder: Holder = { known: nothingKnown, files: new LedgerFiles(openDisk(directory)) };
  try {
    refresh(holder);
    if (holder.known.live === undefined) requireNothingLost(holder);
    if (holder.known.live !== undefined)
      return readerOf(holder, () => {
        holder.files.close();
      });
    holder.files.close();
    return undefined;
  } catch (error) {
    holder.files.close();
    throw error;
  }
}

/** Without live.json: AppError 'damaged-ledger' where there are files that it named, and nothing of them would be obeyed. */
function requireNothingLost(holder: Holder): void {
  const listed = answerOf(holder.files.perform([{ do: 'list' }]));
  const found = listed.of === 'names' ? fileOfBegunLedger(listed.bytes) : undefined;
  if (found === undefined) return;
  // It may have been begun between the two looks.
  refresh(holder);
  if (holder.known.live === undefined) throw damagedLedger(liveName, `it is missing, and ${found} is there`);
}

/** @param close what its `close` does */
export function readerOf(holder: Holder, close: () => void): LedgerReader {
  const source = {
    known: () => holder.known,
    inTables: (user: string) => holder.files.inTables(user),
    markOf: (user: string) => holder.files.markOf(user),
  };
  const now = ledgerView(source);
  return {
    get ledger() {
      return now.ledger;
    },
    get watermark() {
      return now.watermark;
    },
    of: now.of,
    forgottenAt: now.forgottenAt,
    refresh: () => {
      refresh(holder);
    },
    get lastForgetting() {
      return tombstonesOf(holder.known).at(-1)?.seq ?? 0;
    },
    latestOf(user) {
      const { latestMs } = heldOfLists(listsOf(user, holder.known, holder.files.inTables(user)));
      return latestMs === -Infinity ? undefined : latestMs;
    },
    pin: () => ledgerView(source, watermarkOf(holder.known)),
    pinnedAt: (watermark) => ledgerView(source, watermark),
    users: () => users(holder),
    close,
  };
}

/** Of the tables and of the journals, merged. */
function* users({ known, files }: Holder): Generator<string> {
  const inJournals = usersInJournals(known);
  let next = 0;
  for (const { user, lines } of mergedLines(files.tables)) {
    for (const line of lines) line.checked();
    for (; next < inJournals.length && compareBytes(inJournals[next]!, user) < 0; next++)
      yield inJournals[next]!;
    if (inJournals[next] === user) next++;
    yield user;
  }
  yield* inJournals.slice(next);
}

/** Sees what was acknowledged before. After an error everything is read anew. */
export function refresh(holder: Holder): void {
  // While this process writes nobody else does, and what is not durable yet is not to be seen.
  if (holder.files.isAppending) return;
  const { known } = holder;
  const last = known.parts.at(-1);
  if (last !== undefined && holder.files.isUpToDate(last)) return;
  holder.known = nothingButLive(known);
  let next = stepCatchUp(beginCatchUp(known), { kind: 'begin' });
  while (next.effects.length > 0) next = stepCatchUp(next.state, holder.files.perform(next.effects));
  holder.known = next.state.known;
}

function isThere(directory: string): boolean {
  try {
    return statSync(directory, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return false;
    throw machineError(error, `read ${directory}`);
  }
}
