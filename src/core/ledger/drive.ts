/** Runs the protocol: does the effects of a step, and steps on with their answer, until there are none. */
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';

import { AppError, abortError } from '../errors.js';
import { findHolder } from '../files/lock-holders.js';
import type { LedgerEvent, Next } from './effects.js';
import type { Known } from './known.js';
import { lockName } from './layout.js';
import type { LockKind } from './layout.js';
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

/** Everything but waiting for a lock, and writing a table, is done in one turn of the event loop. */
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
    let event = effect?.do === 'build-table' ? await build(files, effect, driving) : files.perform(effects);
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
