/** A ledger that is followed, and not changed. */
import { statSync } from 'node:fs';

import { errnoOf, machineError } from '../errors.js';
import { watermarkOf } from './admit.js';
import { beginCatchUp, nothingButLive, nothingKnown, stepCatchUp } from './catch-up.js';
import type { Known } from './catch-up.js';
import { openDisk } from './disk.js';
import type { LedgerReader } from './entry.js';
import { ledgerView, usersInJournals } from './ledger-view.js';
import { LedgerFiles } from './perform.js';

/** What a process knows of a ledger, in one place: its reader and whatever it adds go on from there. */
export interface Holder {
  known: Known;
  readonly files: LedgerFiles;
}

/**
 * Follows the ledger in a directory; undefined where there is none, or it has not begun. It costs the reading of the
 * journals that were not compacted yet. AppErrors: 'damaged-ledger', 'newer-format', and those of the machine.
 */
export function openLedgerReader(directory: string): LedgerReader | undefined {
  if (!isThere(directory)) return undefined;
  const holder: Holder = { known: nothingKnown, files: new LedgerFiles(openDisk(directory)) };
  try {
    refresh(holder);
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

/** @param close what its `close` does */
export function readerOf(holder: Holder, close: () => void): LedgerReader {
  const source = {
    known: () => holder.known,
    inTable: () => [],
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
    pin: () => ledgerView(source, watermarkOf(holder.known)),
    pinnedAt: (watermark) => ledgerView(source, watermark),
    users: () => usersInJournals(holder.known),
    close,
  };
}

/** Sees what was acknowledged before. After an error everything is read anew. */
export function refresh(holder: Holder): void {
  const { known } = holder;
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
