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
const mostSourceBytes = 4096;
const mostShown = 80;
const texts = ['user', 'item', 'id', 'undoes', 'source'] as const;
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
  // Half of a surrogate pair, which only an escape can write, has no bytes in UTF-8.
  const cut = text.includes('\\u') ? texts.find((name) => isCut(fields[name])) : undefined;
  if (cut !== undefined) return `has as its ${cut} a text with half of a character`;
  // null is what programs write for what they do not know.
  const given = (name: string): unknown => fields[name] ?? undefined;
  const user = textOf(given('user'));
  const badUser = breachOfId(user);
  if (badUser !== undefined) return `has a user that ${badUser.problem}`;
  const type = given('type') === undefined ? 'play' : textOf(given('type'))?.toLowerCase();
  if (type === undefined || !types.has(type)) {
    return `has the type ${shown(fields['type'])}; ${entryTypes.join(', ')} are known`;
  }
  const scope = given('scope') === undefined ? 'item' : textOf(given('scope'));
  if (scope === null || !scopes.has(scope)) {
    return `has the scope ${shown(fields['scope'])}; ${entryScopes.join(', ')} are known`;
  }
  const item = textOf(given('item'));
  const undoes = type === 'undo' ? textOf(given('undoes')) : undefined;
  if (undoes === null) return 'takes an event back, and does not say which: its id is wanted as "undoes"';
  if (undoes !== undefined && !isId(undoes))
    return `undoes an id that is no text of 1 to ${mostIdBytes} bytes`;
  const badItem = type === 'undo' && item === null ? undefined : breachOfId(item);
  if (badItem !== undefined) return `has an item that ${badItem.problem}`;
  const weight = given('weight') === undefined ? weightUnits : parseWeight(textOf(given('weight')));
  if (weight instanceof RuleBreach) return `has a weight that ${weight.problem}`;
  const said = given('time') ?? given('at');
  const time = said === undefined ? null : parseTime(textOf(said) ?? shown(said));
  if (time instanceof RuleBreach) return `has a time that ${time.problem}`;
  const atMs = time ?? times.nowMs;
  if (atMs > times.untilMs) return `is of ${new Date(atMs).toISOString()}, which is not yet`;
  if (atMs < times.fromMs) {
    return `is of ${new Date(atMs).toISOString()}, older than events are recognised (\`dedupeFor\`)`;
  }
  const id = given('id') === undefined ? `${partition}:${offset}` : textOf(given('id'));
  if (id === null || !isId(id)) return `has an id that is no text of 1 to ${mostIdBytes} bytes`;
  const source = textOf(given('source'));
  if (source !== null && Buffer.byteLength(source) > mostSourceBytes)
    return `has a source of more than ${mostSourceBytes} bytes`;
  return {
    id,
    user: user!,
    item: item ?? undefined,
    type: type as EntryType,
    scope: scope as EntryScope,
    weight: type === 'ban' || type === 'unban' || type === 'undo' ? 0n : weight,
    atMs,
    ...(source === null || source === '' ? {} : { source }),
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

function isCut(value: unknown): boolean {
  return typeof value === 'string' && /\p{Surrogate}/u.test(value);
}

function isId(text: string): boolean {
  return text !== '' && Buffer.byteLength(text) <= mostIdBytes;
}

/** For a message. */
function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, mostShown);
}

/** Numbers are ids too. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}
