/** `segue feedback undo`: takes back an entry, or the latest that a user made about an item. */
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { closing } from '../../closers.js';
import type { LedgerId, TaskContext } from '../../contracts.js';
import { abortError, AppError } from '../../errors.js';
import { shellWord } from '../../shell-word.js';
import { openLedger, type Ledger } from '../../ledger/open-ledger.js';
import { dated, type Entry, type LedgerView } from '../../ledger/entry.js';
import { rootPath } from '../../snapshot/layout.js';
import { weightUnits } from '../../numeric/pairs.js';
import { openKnownItems, type KnownItems } from './known-items.js';
import { shownEntry, type ShownEntry } from './shown-entry.js';
import type { AskedOf } from '../../options/asked-of.js';

export type UndoFeedbackOptions = AskedOf<'undoFeedback'>;

export interface UndoFeedbackResult {
  readonly ledger: LedgerId;
  /** What does not hold any more. */
  readonly undone: ShownEntry;
  /** The latest entry of the user about the same that holds now; null where there is none. */
  readonly holds: ShownEntry | null;
}

/** AppErrors: 'bad-usage'; 'entry-not-found'; those of `addFeedback`. */
export async function undoFeedback(
  options: UndoFeedbackOptions,
  context: TaskContext,
): Promise<UndoFeedbackResult> {
  const { root, entry: id, user, item } = options;
  if ((id === undefined) === (user === undefined || item === undefined))
    throw new AppError('bad-usage', 'an entry is named, or a user and an item', {
      suggestions: ['segue feedback undo ENTRY', 'segue feedback undo USER ITEM'],
    });
  return closing(await openKnownItems(root, options, context), async (known) => {
    return closing(await openLedger(rootPath.feedback(root), context), async (ledger) =>
      undoIn(ledger, known, options, context),
    );
  });
}

/** The same in a ledger that is open. */
export async function undoIn(
  ledger: Ledger,
  known: KnownItems,
  { entry: id, user = '', item = '' }: Pick<UndoFeedbackOptions, 'entry' | 'user' | 'item'>,
  context: TaskContext,
): Promise<UndoFeedbackResult> {
  const { reader } = ledger;
  reader.refresh();
  const undone =
    id === undefined ? latestAbout(reader, user, item, known) : await entryNamed(reader, id, context);
  await takeBack(ledger, undone, context);
  reader.refresh();
  const holds = reader.of(undone.user).findLast((entry) => isAboutSame(entry, undone));
  return {
    ledger: reader.ledger,
    undone: shownEntry(undone, known.nameOf),
    holds: holds === undefined ? null : shownEntry(holds, known.nameOf),
  };
}

async function takeBack(ledger: Ledger, { id, user }: Entry, context: TaskContext): Promise<void> {
  const at = dated(undefined, (context.now ?? new Date()).getTime());
  const undoing = { type: 'undo', scope: 'item', item: undefined, weight: weightUnits } as const;
  await ledger.add([{ ...undoing, id: randomUUID(), user, ...at, undoes: id }]);
}

function latestAbout(view: LedgerView, user: string, query: string, known: KnownItems): Entry {
  const entries = view.of(user);
  // What a user said may be about what the snapshot does not know any more.
  const literal = entries.findLast((entry) => queryFor(entry) === query);
  if (literal !== undefined) return literal;
  const { item, scope, name } = known.find(query, undefined);
  const found = entries.findLast((entry) => isAboutSame(entry, { item, scope }));
  if (found !== undefined) return found;
  throw new AppError(
    'entry-not-found',
    `${JSON.stringify(user)} has said nothing of ${JSON.stringify(name ?? item)} that holds`,
    { suggestions: [`segue feedback list ${shellWord(user)}`], details: { user, item } },
  );
}

/** Goes through all users: an entry's id does not say whose it is, and several may have one of that id. */
async function entryNamed(
  view: LedgerView & { users(): Iterable<string> },
  id: string,
  { signal, onProgress }: TaskContext,
): Promise<Entry> {
  let [done, found]: [number, Entry | undefined] = [0, undefined];
  for (const user of view.users()) {
    const entry = view.of(user).find((each) => each.id === id);
    if (entry !== undefined && found !== undefined) throw ambiguous(id, found, entry);
    found ??= entry;
    if (++done % 256 !== 0) continue;
    await setImmediate();
    if (signal.aborted) throw abortError(signal);
    onProgress({ kind: 'step', phase: 'looking for the entry', done, total: undefined, unit: 'users' });
  }
  if (found !== undefined) return found;
  throw new AppError('entry-not-found', `no entry ${JSON.stringify(id)} holds in the ledger`, {
    suggestions: ['segue feedback list USER shows the ids of entries', 'segue feedback undo USER ITEM'],
    details: { entry: id },
  });
}

function ambiguous(id: string, ...entries: readonly Entry[]): AppError {
  const users = entries.map(({ user }) => user);
  return new AppError('bad-usage', `several users have an entry ${JSON.stringify(id)}`, {
    suggestions: entries.map(
      (entry) =>
        `segue feedback undo ${shellWord(entry.user)} ${shellWord(queryFor(entry))}, for that of this user`,
    ),
    details: { entry: id, users },
  });
}

/** What names it, whether the snapshot knows it or not. */
function queryFor({ item = '', scope }: Pick<Entry, 'item' | 'scope'>): string {
  return scope === 'item' ? item : `${scope}:${item}`;
}

function isAboutSame(a: Pick<Entry, 'item' | 'scope'>, b: Pick<Entry, 'item' | 'scope'>): boolean {
  return a.item === b.item && a.scope === b.scope;
}
