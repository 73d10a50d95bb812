/** Whether what comes under an id that is there already is the same, and what is said where it is not. */
import { AppError } from '../errors.js';
import { weightUnits } from '../numeric/pairs.js';
import type { Entry, NewEntry } from './entry.js';

const weightless: ReadonlySet<string> = new Set(['ban', 'unban', 'undo']);

/** Whether an entry says what one of its user's says; where it brings no time, at whatever time. */
export function isSameContent(given: NewEntry, held: NewEntry): boolean {
  const isWeight = given.weight === held.weight || weightless.has(given.type);
  const isTime = given.isNow === true || (given.saidMs ?? given.atMs) === (held.saidMs ?? held.atMs);
  return (
    isWeight &&
    isTime &&
    given.type === held.type &&
    given.item === held.item &&
    given.scope === held.scope &&
    given.source === held.source &&
    given.undoes === held.undoes &&
    given.answer?.snapshot === held.answer?.snapshot &&
    given.answer?.recipe === held.answer?.recipe &&
    given.answer?.rank === held.answer?.rank
  );
}

/** The end of a sentence that begins with an entry, its user's event, or a row. */
export function conflictIn(given: NewEntry, held: Entry): string {
  const [id, was, is] = [given.id, contentOf(held), contentOf(given)].map((each) => JSON.stringify(each));
  return `has the id ${id}, under which its user has another: ${was}, not ${is}`;
}

/** AppError 'id-conflict'. */
export function idConflict(given: NewEntry, held: Entry): AppError {
  const { id, user } = given;
  return new AppError('id-conflict', `the entry of ${JSON.stringify(user)} ${conflictIn(given, held)}`, {
    suggestions: ['give it an id of its own, or leave the id out', 'repeat an entry as it was, to the time'],
    details: { id, user, given: contentOf(given), holds: contentOf(held) },
  });
}

/** What is compared; what is usual is left out. */
function contentOf({ type, item, scope, weight, isNow, saidMs, atMs, source, answer, undoes }: NewEntry) {
  return {
    ...{ type, item, scope: scope === 'item' ? undefined : scope },
    weight: weight === weightUnits || weightless.has(type) ? undefined : Number(weight) / Number(weightUnits),
    time: isNow === true ? undefined : new Date(saidMs ?? atMs).toISOString(),
    ...{ source, answer, undoes },
  };
}
