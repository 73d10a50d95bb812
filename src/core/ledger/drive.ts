/** Runs the protocol: does the effects of a step, and steps on with their answer, until there are none. */
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { AppError, abortError } from '../errors.js';
import { findHolder } from '../files/lock-holders.js';
import type { Effect, LedgerEvent, Next } from './effects.js';
import type { Known } from './known.js';
import { lockName, type LockKind } from './layout.js';
import type { BuildTable, LedgerFiles } from './perform.js';

/** What a process knows of a ledger, in one place: its reader and whatever it changes go on from there. */
export interface Holder {
  known: Known;
  readonly files: LedgerFiles;
}

export interface Driving {
  /** Aborts the waiting for a lock, and the writing of a table. */
  readonly signal: AbortSignal;
  /** How many users a table has that is being written. */
  readonly onUsers?: (users: number) => void;
}

/** About 10 s of waiting. A lock on appending is held for one fsync as a rule. */
const mostWaits = 350;
const shortestWaitMs = 0.5;
const longestWaitMs = 30;

/** What does not wait for a lock or an fsync, and writes no table, is done in one turn of the event loop. */
export async function drive<S extends { readonly known: Known }>(
  holder: Holder,
  first: S,
  step: (state: S, event: LedgerEvent) => Next<S>,
  driving: Driving,
): Promise<S> {
  const { files } = holder;
  let waits = 0;
  let { state, effects } = step(first, { kind: 'begin' });
  while (effects.length > 0) {
    const [effect] = effects;
    // Of the changes of this process one comes after the other.
    if (effect?.do === 'lock' && effect.lock === 'append') while (files.isAppending) await files.appended();
    let event = effects.some(isSlow) ? await performSlowly(files, effects, driving) : files.perform(effects);
    if (effect?.do === 'lock' && effect.waits && isRefused(event) && waits < mostWaits) {
      await setTimeout(Math.min(shortestWaitMs * 1.5 ** waits++, longestWaitMs));
      if (!driving.signal.aborted) continue;
      event = { kind: 'failed', error: abortError(driving.signal) };
    }
    // Others of this process may have seen more meanwhile.
    ({ state, effects } = step({ ...state, known: holder.known }, event));
    holder.known = state.known;
  }
  return state;
}

function isSlow(effect: Effect): boolean {
  return effect.do === 'sync' || effect.do === 'build-table';
}

/** Does them in order, up to the first that fails. */
async function performSlowly(
  files: LedgerFiles,
  effects: readonly Effect[],
  driving: Driving,
): Promise<LedgerEvent> {
  let event: LedgerEvent = { kind: 'begin' };
  for (const effect of effects) {
    if (effect.do === 'sync') event = await files.sync(effect);
    else if (effect.do === 'build-table') event = await build(files, effect, driving);
    else event = files.perform([effect]);
    if (event.kind === 'failed') break;
  }
  return event;
}

/** Whether a lock is another's. */
export function isRefused(event: LedgerEvent): boolean {
  return event.kind === 'answer' && event.answer.of === 'lock' && !event.answer.held;
}

async function build(files: LedgerFiles, effect: BuildTable, driving: Driving): Promise<LedgerEvent> {
  const building = files.build(effect);
  for (let next = building.next(); ; next = building.next()) {
    if (next.done === true) return next.value;
    driving.onUsers?.(next.value);
    if (driving.signal.aborted) return { kind: 'failed', error: abortError(driving.signal) };
    await setImmediate();
  }
}

/** The error of a lock that another process holds. */
export function busyError(directory: string, kind: LockKind): AppError {
  const path = join(directory, lockName(kind));
  const holder = findHolder(path);
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  const doing = holder?.doing ?? `holding ${lockName(kind)}`;
  return new AppError('busy', `${who} is ${doing} right now`, {
    suggestions: ['try again when it is done'],
    details: { lock: path, holder: holder ?? null },
  });
}
