/** A line of a source → an entry, or why it is none. Pure: the same line at the same moment is the same. */
import { breachOfId, parseTime, parseWeight, RuleBreach } from '../events/event-rules.js';
import { entryScopes, entryTypes, type EntryScope, type EntryType, type NewEntry } from '../ledger/entry.js';
import { weightUnits } from '../numeric/pairs.js';
import type { SourceEvent } from './source.js';

export interface AcceptedTimes {
  /** Older events cannot be told from such that came before. */
  readonly fromMs: number;
  /** The clock, and as much as another clock may be ahead. */
  readonly untilMs: number;
  /** Of an event that says no time: when it was read. */
  readonly nowMs: number;
}

/** Entry ids take no more. */
const mostIdBytes = 128;
const types: ReadonlySet<string> = new Set(entryTypes);
const scopes: ReadonlySet<string> = new Set(entryScopes);

/**
 * An entry, or the end of a sentence that begins with "the event". Without an id of its own an event is named by its place, so
 * that plays which repeat stay.
 */
export function parseEventLine(
  { offset, text, problem }: SourceEvent,
  partition: string,
  times: AcceptedTimes,
): NewEntry | string {
  if (problem !== undefined) return problem;
  const fields = parseObject(text);
  if (fields === undefined) return 'is not a JSON object';
  // JavaScript would round it, and name another.
  const rounded = ['user', 'item', 'id', 'undoes'].find((name) => isRounded(fields[name]));
  if (rounded !== undefined)
    return `has as its ${rounded} a number that is not whole, or of more than 15 digits; write it as text`;
  const user = textOf(fields['user']);
  const badUser = breachOfId(user);
  if (badUser !== undefined) return `has a user that ${badUser.problem}`;
  const type = fields['type'] === undefined ? 'play' : textOf(fields['type'])?.toLowerCase();
  if (type === undefined || !types.has(type)) {
    return `has the type ${JSON.stringify(fields['type'])}; ${entryTypes.join(', ')} are known`;
  }
  const scope = fields['scope'] === undefined ? 'item' : textOf(fields['scope']);
  if (scope === null || !scopes.has(scope)) {
    return `has the scope ${JSON.stringify(fields['scope'])}; ${entryScopes.join(', ')} are known`;
  }
  const item = textOf(fields['item']);
  const undoes = type === 'undo' ? textOf(fields['undoes']) : undefined;
  if (undoes === null) return 'takes an event back, and does not say which: its id is wanted as "undoes"';
  const badItem = type === 'undo' && item === null ? undefined : breachOfId(item);
  if (badItem !== undefined) return `has an item that ${badItem.problem}`;
  const weight = fields['weight'] === undefined ? weightUnits : parseWeight(textOf(fields['weight']));
  if (weight instanceof RuleBreach) return `has a weight that ${weight.problem}`;
  const time = parseTime(textOf(fields['time'] ?? fields['at'] ?? null));
  if (time instanceof RuleBreach) return `has a time that ${time.problem}`;
  const atMs = time ?? times.nowMs;
  if (atMs > times.untilMs) return `is of ${new Date(atMs).toISOString()}, which is not yet`;
  if (atMs < times.fromMs) {
    return `is of ${new Date(atMs).toISOString()}, older than events are recognised (\`dedupeFor\`)`;
  }
  const id = fields['id'] === undefined ? `${partition}:${offset}` : textOf(fields['id']);
  if (id === null || id === '' || Buffer.byteLength(id) > mostIdBytes) {
    return `has an id that is no text of 1 to ${mostIdBytes} bytes`;
  }
  const source = textOf(fields['source'] ?? null);
  return {
    id,
    user: user!,
    item: item ?? undefined,
    type: type as EntryType,
    scope: scope as EntryScope,
    weight: type === 'ban' || type === 'unban' || type === 'undo' ? 0n : weight,
    atMs,
    ...(source === null ? {} : { source }),
    ...(undoes === undefined ? {} : { undoes }),
    position: { partition, offset },
  };
}

/** undefined for text that is no JSON object. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function isRounded(value: unknown): boolean {
  return typeof value === 'number' && !Number.isSafeInteger(value);
}

/** Numbers are ids too. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}
