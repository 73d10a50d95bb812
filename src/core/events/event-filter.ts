/** Which events count at all: by weight and by time. */
import { AppError } from '../errors.js';
import { ban, dislike, type ParsedEvent } from './event-rules.js';

export interface EventFilter {
  /** Plays and likes that weigh less are left out; dislikes and bans stay. */
  readonly minWeight?: number | undefined;
  /** ms: earlier events are left out, and those without a time. */
  readonly fromMs?: number | undefined;
  /** ms: events at that time or later are left out. */
  readonly beforeMs?: number | undefined;
}

/** Which of the columns u, i, w, t, y a filter looks at. */
export interface FilterColumns {
  readonly weight: boolean;
  readonly time: boolean;
}

export function filterColumns({ minWeight, fromMs, beforeMs }: EventFilter): FilterColumns {
  return { weight: minWeight !== undefined, time: fromMs !== undefined || beforeMs !== undefined };
}

/** The filter as SQL over w (units of 1e-9), t (ms) and, where there are types, y; undefined where all events count. */
export function filterSql(filter: EventFilter, hasTypes: boolean): string | undefined {
  const { minWeight, fromMs, beforeMs } = filter;
  const terms: string[] = [];
  if (minWeight !== undefined) {
    const heavy = `w >= ${String(unitsOf(minWeight))}`;
    terms.push(hasTypes ? `(${heavy} OR y IN (${ban}, ${dislike}))` : heavy);
  }
  if (fromMs !== undefined) terms.push(`t >= ${String(Math.round(fromMs))}`);
  if (beforeMs !== undefined) terms.push(`t < ${String(Math.round(beforeMs))}`);
  return terms.length === 0 ? undefined : terms.join(' AND ');
}

/** Whether an event counts: `filterSql` without SQL. */
export function keptBy({ minWeight, fromMs, beforeMs }: EventFilter): (event: ParsedEvent) => boolean {
  const least = minWeight === undefined ? undefined : unitsOf(minWeight);
  const [from, before] = [Math.round(fromMs ?? -Infinity), Math.round(beforeMs ?? Infinity)];
  return ({ weight, time, type }) =>
    (least === undefined || weight >= least || type === ban || type === dislike) &&
    time >= from &&
    time < before;
}

function unitsOf(weight: number): bigint {
  return BigInt(Math.round(weight * 1e9));
}

/** What the filter asks of an event, for a message; '' where it asks nothing. */
export function filterInWords({ minWeight, fromMs, beforeMs }: EventFilter): string {
  return [
    ...(minWeight === undefined ? [] : [`weighs ${String(minWeight)} or more`]),
    ...(fromMs === undefined ? [] : [`is of ${new Date(fromMs).toISOString()} or later`]),
    ...(beforeMs === undefined ? [] : [`is of a time before ${new Date(beforeMs).toISOString()}`]),
  ].join(' and ');
}

/** AppError 'empty-input' */
export function nothingLeft(files: readonly string[], filter: EventFilter): AppError {
  return new AppError('empty-input', `no event of ${files.join(', ')} ${filterInWords(filter)}`, {
    details: { files, minWeight: filter.minWeight, fromMs: filter.fromMs, beforeMs: filter.beforeMs },
  });
}
