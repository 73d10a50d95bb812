/** A line of a source → an entry, or why it is none. Pure: the same line at the same moment is the same. */
import type { EntryRole } from '../events/column-roles.js';
import { isObject, parseExactly, plainKeys, textOf } from '../events/event-keys.js';
import type { EventKeys, JsonObject, KeyedEvent } from '../events/event-keys.js';
import { noTimeNumber, parseEvent as parseCells } from '../events/event-rules.js';
import { typeAdvice } from '../events/type-names.js';
import { dated, entryScopes, entryTypes } from '../ledger/entry.js';
import type { EntryScope, EntryType, NewEntry, StreamPosition } from '../ledger/entry.js';
import type { SourceEvent } from './source.js';

export { parseExactly };

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
const mostSourceBytes = 4096;
const mostShown = 80;
const texts = ['user', 'item', 'id', 'undoes', 'source'] as const;
const types: ReadonlySet<string> = new Set(entryTypes);
const scopes: ReadonlySet<string> = new Set(entryScopes);

/** What an event is that a filter leaves out, in the plural. */
export interface LeftOut {
  readonly leftOut: string;
}

/** An entry, or the end of a sentence that begins with "the event". */
export function parseEventLine(
  { offset, text, problem, isPlain }: SourceEvent,
  partition: string,
  times: AcceptedTimes,
  keys: EventKeys = plainKeys,
): NewEntry | LeftOut | string {
  if (problem !== undefined) return problem;
  const fields = parseObject(text);
  if (fields === undefined) return 'is not a JSON object';
  const keyed = isPlain === true ? plainKeys(fields) : keys(fields);
  if (typeof keyed === 'string') return keyed;
  return parseEvent(keyed, { partition, offset }, times);
}

/**
 * The same of an object. Without an id of its own an event is named by its place, so that plays which repeat stay.
 */
export function parseEvent(
  { values, unread, leftOut }: KeyedEvent,
  position: StreamPosition,
  times: AcceptedTimes,
): NewEntry | LeftOut | string {
  if (leftOut !== undefined) return { leftOut };
  const odd = (['user', 'item', 'id'] as const).find(
    (role) => values[role] !== undefined && textOf(values[role]) === null,
  );
  if (odd !== undefined) return `has as its ${odd} ${shown(values[odd])}; text or a number is wanted`;
  // Half of a surrogate pair, which only an escape can write, has no bytes in UTF-8.
  const cut = texts.find((role) => isCut(values[role]));
  if (cut !== undefined) return `has as its ${cut} a text with half of a character`;
  const said = (role: EntryRole): string | undefined => {
    const text = values[role] === undefined ? '' : (textOf(values[role]) ?? shown(values[role]));
    return text.trim() === '' ? undefined : text;
  };
  const type = (said('type') ?? 'play').trim().toLowerCase();
  if (!types.has(type)) {
    const known = `has the type ${shown(values.type)}; ${entryTypes.join(', ')} are known`;
    return [known, ...typeAdvice(textOf(values.type))].join('. ');
  }
  const scope = (said('scope') ?? 'item').trim().toLowerCase();
  if (!scopes.has(scope)) return `has the scope ${shown(values.scope)}; ${entryScopes.join(', ')} are known`;
  if (scope !== 'item' && (type === 'play' || type === 'skip'))
    return `has the scope ${scope}, and a ${type} is of an item`;
  const undoes = type === 'undo' ? textOf(values.undoes) : undefined;
  if (undoes === null) return 'takes an event back, and does not say which: its id is wanted as "undoes"';
  if (undoes !== undefined && !isId(undoes))
    return `undoes an id that is no text of 1 to ${mostIdBytes} bytes`;
  const user = textOf(values.user);
  const item = textOf(values.item);
  const cells = { weight: said('weight') ?? null, time: said('time') ?? null, type: null };
  // An undo needs no item.
  const needed = { user, item: type === 'undo' ? (item ?? user) : item };
  const read = parseCells({ ...needed, ...cells }, type === 'play' && values.weight !== undefined, false);
  if (!('user' in read)) {
    const { column, problem } = read;
    if (values[column] === undefined && unread.length > 0)
      return `has no key that is known to be the ${column}; not read: ${shown(unread)}`;
    return `has ${column === 'item' ? 'an' : 'a'} ${column} that ${problem}`;
  }
  const saidMs = read.time === noTimeNumber ? undefined : read.time;
  const atMs = saidMs ?? times.nowMs;
  if (atMs > times.untilMs) return `is of ${new Date(atMs).toISOString()}, which is not yet`;
  if (atMs < times.fromMs) {
    return `is of ${new Date(atMs).toISOString()}, older than events are recognised (\`dedupeFor\`)`;
  }
  const id = values.id === undefined ? `${position.partition}:${position.offset}` : textOf(values.id);
  if (id === null || !isId(id)) return `has an id that is no text of 1 to ${mostIdBytes} bytes`;
  const source = textOf(values.source);
  if (source !== null && Buffer.byteLength(source) > mostSourceBytes)
    return `has a source of more than ${mostSourceBytes} bytes`;
  return {
    id,
    user: read.user,
    item: item ?? undefined,
    type: type as EntryType,
    scope: scope as EntryScope,
    weight: type === 'ban' || type === 'unban' || type === 'undo' ? 0n : read.weight,
    ...dated(saidMs, times.nowMs),
    ...(source === null || source === '' ? {} : { source }),
    ...(undoes === undefined ? {} : { undoes }),
    position,
  };
}

/** undefined for text that is no JSON object. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value = parseExactly(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isCut(value: unknown): boolean {
  return typeof value === 'string' && /\p{Surrogate}/u.test(value);
}

function isId(text: string): boolean {
  return text !== '' && Buffer.byteLength(text) <= mostIdBytes;
}

/** For a message. */
export function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, mostShown);
}
