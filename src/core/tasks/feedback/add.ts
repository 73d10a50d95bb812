/** `segue feedback add`: one thing that a user did or said, kept when this returns. */
import { randomUUID } from 'node:crypto';
import { closing } from '../../closers.js';
import type { LedgerId, TaskContext } from '../../contracts.js';
import { AppError, refusedOption } from '../../errors.js';
import { parseTime, parseWeight, RuleBreach } from '../../events/event-rules.js';
import { addWhole, openLedger } from '../../ledger/open-ledger.js';
import { dated, type EntryScope, type EntryType, type NewEntry } from '../../ledger/entry.js';
import { rootPath } from '../../snapshot/layout.js';
import { isAhead } from './entry-times.js';
import { openKnownItems, type KnownItems } from './known-items.js';
import { shownEntry, type ShownEntry } from './shown-entry.js';
import type { AskedOf } from '../../options/asked-of.js';

/** What `add` and `import` take: an `undo` has a command of its own. */
export type GivenType = Exclude<EntryType, 'undo'>;

export type AddFeedbackOptions = AskedOf<'addFeedback'>;

export interface AddFeedbackResult {
  /** Id of the ledger: 16 hex digits. */
  readonly ledger: LedgerId;
  /** The entry; null where it was left out. */
  readonly entry: ShownEntry | null;
  /**
   * Why it was left out: the user has this very entry already (`repeated`), or asked to be forgotten after it happened
   * (`forgotten`).
   */
  readonly leftOut: 'repeated' | 'forgotten' | null;
}

/**
 * Durable when this settles, and in force in the first answer that is asked for afterwards, in any process.
 *
 * AppErrors: those of looking the item up; 'bad-usage'; 'id-conflict'; 'busy'; 'damaged-ledger'; the machine's.
 */
export async function addFeedback(
  options: AddFeedbackOptions,
  context: TaskContext,
): Promise<AddFeedbackResult> {
  const { root } = options;
  return closing(await openKnownItems(root, options, context), async (known) => {
    const entry = entryOf(options, known, context.now ?? new Date());
    return closing(await openLedger(rootPath.feedback(root), context), async (ledger) => {
      const [added] = await addWhole(ledger, [entry]);
      if (added === undefined) throw new Error('the ledger said nothing of an entry');
      if ('leftOut' in added) {
        const { leftOut } = added;
        if (leftOut === 'behind' || leftOut === 'conflict') throw new Error(`an entry alone is ${leftOut}`);
        return { ledger: ledger.reader.ledger, entry: null, leftOut };
      }
      // It may be dated later than now.
      const kept = ledger.reader.of(entry.user).findLast(({ seq }) => seq === added.seq);
      const shown = shownEntry(kept ?? { ...entry, seq: added.seq }, known.nameOf);
      return { ledger: ledger.reader.ledger, entry: shown, leftOut: null };
    });
  });
}

/** AppErrors: those of looking the item up; 'bad-usage'. */
export function entryOf(
  options: Omit<AddFeedbackOptions, 'root' | 'snapshot' | 'as'>,
  known: Pick<KnownItems, 'find'>,
  now: Date,
): NewEntry {
  const { user, type, source } = options;
  const { item, scope } = known.find(options.item, options.scope);
  requireOpinion(type, scope);
  const answer = answerOf(options);
  return {
    ...{ id: options.id ?? randomUUID(), user, item, type, scope },
    weight: weightOf(options.weight),
    ...dated(timeOf(options.time, now), now.getTime()),
    ...(source === undefined ? {} : { source }),
    ...(answer === undefined ? {} : { answer }),
  };
}

/** Artists and albums are liked, disliked and banned; what is played or skipped is an item. */
function requireOpinion(type: GivenType, scope: EntryScope): void {
  if (scope === 'item' || (type !== 'play' && type !== 'skip')) return;
  throw new AppError('bad-usage', `\`type\` ${type} is of an item, and the scope is ${scope}`, {
    suggestions: ['name the item that was played or skipped'],
  });
}

function weightOf(text: string | undefined): bigint {
  const weight = parseWeight(text ?? '1');
  if (weight instanceof RuleBreach)
    throw refusedOption('weight', text ?? '', 'a number from 0 to 9223372036.854775807');
  return weight;
}

function timeOf(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseTime(text);
  if (ms === null || ms instanceof RuleBreach)
    throw refusedOption('time', text, 'a time such as 2024-05-31T20:15:00Z, or unix seconds or milliseconds');
  if (isAhead(ms, now)) throw refusedOption('time', text, 'a time that is not in the future');
  return ms;
}

function answerOf({
  answeredBy,
  answeredRecipe,
  answeredRank,
}: Omit<AddFeedbackOptions, 'root'>): NewEntry['answer'] {
  if (answeredBy !== undefined) return { snapshot: answeredBy, recipe: answeredRecipe, rank: answeredRank };
  if (answeredRecipe === undefined && answeredRank === undefined) return undefined;
  throw new AppError('bad-usage', '`answeredRecipe` and `answeredRank` go with `answeredBy`', {
    suggestions: ['say which snapshot answered: `answeredBy` ID'],
  });
}
