/** The vectors of users by a snapshot and what happened since: everything that is needed is held open. */
import { setImmediate } from 'node:timers/promises';
import { opening } from '../closers.js';
import { KeptWorkspace } from '../compute/kept-workspace.js';
import { keptBytes, readVectorRows, vectorBytes, type VectorFile } from '../compute/vector-file.js';
import { growingOverlay, overlay, type UserEntries } from '../feedback/overlay.js';
import { knownEntries, knownOfUser, nothingKnown, type KnownEntries } from '../feedback/known-entries.js';
import { emptyHistory } from '../histories/opinions.js';
import type { Entry, LedgerView } from '../ledger/entry.js';
import { decayFrom, type Decay } from '../models/folding/decay.js';
import { openModel } from '../query/open-model.js';
import { openUsers } from '../query/open-users.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue, type Catalogue } from '../store/catalogue.js';
import { blended, learnedParts, movedInTime, type Learning } from './learning.js';

export interface FreshVectors {
  readonly snapshot: string;
  readonly basis: string;
  /** A user's vector by all that `entries` holds of them, [dim]. */
  of(user: string, entries: Pick<LedgerView, 'ledger' | 'of' | 'forgottenAt'>): Float32Array;
  close(): void;
}

/** Items whose rows are kept; more than these are looked up again. */
const mostKnownItems = 1_000_000;
const rowsAtOnce = 4096;

/** AppErrors as `openModel`, and 'bad-usage' for a half-life without any time to measure it from. Close it before the snapshot. */
export async function openFreshVectors(snapshot: OpenSnapshot, learning: Learning): Promise<FreshVectors> {
  return opening(async (opened) => {
    const model = opened.keep(openModel(snapshot, true));
    const { numRows: numItems } = model.itemVectors;
    await readAhead(model.itemVectors);
    const catalogue = opened.keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const rowsOf = rowsOfItems(catalogue, numItems);
    const usersNow = snapshot.hasUsers(snapshotFile.userStore)
      ? await opened.keep(openUsers(snapshot, numItems, () => catalogue)).following()
      : undefined;
    const nobody = emptyHistory(numItems);
    const { lastAt } = snapshot.manifest.inputs.interactions;
    const endsAtMs = lastAt === null ? undefined : Date.parse(lastAt);
    const decay = decayOf(learning, endsAtMs, model.decay);
    const fold = model.fold(decay);
    let trainedOn: { readonly ledger: string; readonly known: KnownEntries } | undefined;
    const knownInTraining = (ledger: string): KnownEntries => {
      if (trainedOn?.ledger !== ledger)
        trainedOn = { ledger, known: knownEntries(snapshot.manifest, ledger) };
      return trainedOn.known;
    };
    const overlays = new WeakMap<KnownEntries, ReturnType<typeof growingOverlay>>();
    const growing = (known: KnownEntries): ReturnType<typeof growingOverlay> => {
      const made = overlays.get(known) ?? growingOverlay({ known, rowsOf, skipWeight: 0 });
      overlays.set(known, made);
      return made;
    };
    return {
      snapshot: snapshot.id,
      basis: snapshot.basis,
      of(user, ledger) {
        const entries = entriesUntil(ledger.of(user), learning.asOfMs);
        const stored = usersNow?.({ feedback: false });
        const row = stored?.findRow(user);
        const history = row === undefined || stored === undefined ? nobody : stored.historyOf(row);
        const ofTraining = row === undefined ? nothingKnown : knownInTraining(ledger.ledger);
        const known = knownOfUser(ofTraining, history);
        const forgottenAt = ledger.forgottenAt(user);
        // What was said on any surface and what came here are one sequence: the latest opinion holds.
        const ofRoot = usersNow?.({}).saidBy(user);
        const said = saidUntil(ofRoot?.said, learning.asOfMs, forgottenAt);
        const here = { known, rowsOf, skipWeight: 0 };
        const isOfHereOnly = said.entries.length + said.undone.length === 0 && known === ofTraining;
        const pairs = isOfHereOnly
          ? growing(known)(history, { entries, forgottenAt: said.forgottenAt })
          : overlay(history, { ...said, beside: { ...here, entries } }, ofRoot?.options ?? here);
        const latestMs = Math.max(
          endsAtMs ?? -Infinity,
          said.entries.at(-1)?.atMs ?? -Infinity,
          entries.at(-1)?.atMs ?? -Infinity,
        );
        const momentMs = learning.asOfMs ?? latestMs;
        const byMs = decay === undefined || !Number.isFinite(momentMs) ? 0 : decay.asOfMs - momentMs;
        const vectors = learnedParts(pairs, momentMs, learning).map((part) => ({
          vector: fold.one(movedInTime(part.pairs, byMs), model.itemVectors).vector,
          share: part.share,
        }));
        return blended(vectors);
      },
      close: () => opened.close(),
    };
  });
}

/** Ages are measured from one moment, and histories moved so that it is each user's own. */
function decayOf(
  { halfLife }: Learning,
  endsAtMs: number | undefined,
  ofModel: Decay | undefined,
): Decay | undefined {
  if (halfLife === undefined) return ofModel;
  return decayFrom(halfLife, undefined, endsAtMs ?? 0);
}

const nothingSaid: UserEntries = { entries: [], undone: [], forgottenAt: undefined };

/** @param forgottenAt ms since 1970 UTC, by another ledger */
function saidUntil(
  said: UserEntries = nothingSaid,
  asOfMs: number | undefined,
  forgottenAt: number | undefined,
): UserEntries {
  const entries = entriesUntil(said.entries, asOfMs);
  if (forgottenAt === undefined) return { ...said, entries };
  return {
    ...said,
    entries: entries.filter(({ atMs }) => atMs > forgottenAt),
    forgottenAt: Math.max(forgottenAt, said.forgottenAt ?? -Infinity),
  };
}

function entriesUntil(entries: readonly Entry[], asOfMs: number | undefined): readonly Entry[] {
  return asOfMs === undefined ? entries : entries.filter(({ atMs }) => atMs <= asOfMs);
}

/** Reads the vectors that are kept once, so that no event waits for the disk: 256 MiB of them at most (`keepingRows`). */
async function readAhead(vectors: VectorFile): Promise<void> {
  const memory = new KeptWorkspace();
  const numRows = Math.min(vectors.numRows, Math.floor(keptBytes / vectorBytes(1, vectors.dim)));
  for (let from = 0; from < numRows; from += rowsAtOnce) {
    const rows = Uint32Array.from({ length: Math.min(rowsAtOnce, numRows - from) }, (_, at) => from + at);
    readVectorRows(vectors, rows, memory);
    // Meanwhile the snapshot before answers.
    await setImmediate();
  }
}

/** The row of an entry's item, where it has a vector. Looking one up takes microseconds, and a history has many. */
function rowsOfItems(catalogue: Catalogue, numItems: number): (entry: Entry) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  return ({ item, scope }) => {
    if (item === undefined || scope !== trainedKind) return [];
    let rows = known.get(item);
    if (rows === undefined) {
      const row = catalogue.rowOfId(trainedKind, item) ?? numItems;
      rows = row < numItems ? [row] : [];
      if (known.size >= mostKnownItems) known.clear();
      known.set(item, rows);
    }
    return rows;
  };
}
