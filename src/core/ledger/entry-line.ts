/** What a line of the ledger's files says: an entry, or that a user asked to be forgotten. What is usual is left out. */
import { AppError } from '../errors.js';
import { entryScopes, entryTypes } from './entry.js';
import type { Attribution, Entry, EntryScope, EntryType, NewEntry, StreamPosition } from './entry.js';

/** A user asked to be forgotten: what they did up to then is refused and left out for ever. */
export interface Tombstone {
  readonly seq: number;
  /** HMAC-SHA256 of the user's id under the ledger's key, in hex: the line tells nobody who it was. */
  readonly forget: string;
  /** ms since 1970 UTC. */
  readonly atMs: number;
}

/** Weights are whole units of 1e-9. */
const one = 1_000_000_000n;
const mostIdBytes = 128;
const mostNameBytes = 4096;

const typeOf: ReadonlyMap<unknown, EntryType> = new Map(entryTypes.map((type) => [type, type]));
const scopeOf: ReadonlyMap<unknown, EntryScope> = new Map(entryScopes.map((scope) => [scope, scope]));

/** The fields of an entry, its seq first. @param user undefined where the line says it already */
export function entryFields(entry: NewEntry, seq: number, user: string | undefined): object {
  // JSON leaves out what is undefined. One literal: millions of them are made.
  return {
    seq,
    user,
    id: entry.id,
    type: entry.type,
    item: entry.item,
    scope: entry.scope === 'item' ? undefined : entry.scope,
    weight: entry.weight === one ? undefined : entry.weight.toString(),
    at: entry.atMs,
    said: entry.saidMs,
    source: entry.source,
    answer: entry.answer,
    undoes: entry.undoes,
    position: entry.position,
  };
}

/** undefined where they are none of an entry's. */
export function parseEntry(
  fields: Readonly<Record<string, unknown>>,
  user: unknown = fields['user'],
): Entry | undefined {
  const { seq, id, type, item, scope, weight, at, said, source, answer, undoes, position } = fields;
  if (!isSeq(seq) || typeof user !== 'string' || typeof id !== 'string') return undefined;
  const knownType = typeOf.get(type);
  const knownScope = scope === undefined ? 'item' : scopeOf.get(scope);
  if (knownType === undefined || knownScope === undefined || !isTime(at)) return undefined;
  if (said !== undefined && !isTime(said)) return undefined;
  if (!isOptionalText(item) || !isOptionalText(source) || !isOptionalText(undoes)) return undefined;
  const isWeight = weight === undefined || (typeof weight === 'string' && /^\d{1,40}$/.test(weight));
  if (!isWeight || !isAnswer(answer) || !isPosition(position)) return undefined;
  return {
    seq,
    id,
    user,
    item,
    type: knownType,
    scope: knownScope,
    weight: weight === undefined ? one : BigInt(weight),
    atMs: at,
    saidMs: said,
    source,
    answer,
    undoes,
    position,
  };
}

/** undefined where they are none of a tombstone's. */
export function parseTombstone(fields: Readonly<Record<string, unknown>>): Tombstone | undefined {
  const { seq, forget, at } = fields;
  return isSeq(seq) && typeof forget === 'string' && isTime(at) ? { seq, forget, atMs: at } : undefined;
}

export function tombstoneFields({ seq, forget, atMs }: Tombstone): Readonly<Record<string, unknown>> {
  return { seq, forget, at: atMs };
}

/** AppError 'bad-row' for an entry that no journal takes. */
export function requireEntry(entry: NewEntry): void {
  const found = problemOfEntry(entry);
  if (found === undefined) return;
  const { field, problem } = found;
  throw new AppError('bad-row', `an entry's ${field} ${problem}`, { details: { field } });
}

/** The first field for which no journal takes an entry, and what is wrong with it. */
export interface EntryProblem {
  readonly field: string;
  readonly problem: string;
}

export function problemOfEntry(entry: NewEntry): EntryProblem | undefined {
  const { id, user, item, type, undoes, weight, atMs, saidMs, position, source, answer } = entry;
  return (
    problemOfText('id', id, mostIdBytes) ??
    problemOfText('user', user, mostNameBytes) ??
    (type === 'undo'
      ? problemOfText('undoes', undoes ?? '', mostIdBytes)
      : problemOfText('item', item ?? '', mostNameBytes)) ??
    problemOfText('item', item, mostNameBytes) ??
    problemOfText('source', source, mostNameBytes) ??
    problemOfText('answer.snapshot', answer?.snapshot, mostIdBytes) ??
    problemOfText('answer.recipe', answer?.recipe, mostNameBytes) ??
    (weight < 0n || weight >= 10n ** 40n
      ? problem('weight', String(weight), 'a weight of 0 or more')
      : undefined) ??
    (isTime(atMs) && isTime(saidMs ?? 0)
      ? undefined
      : problem('atMs', String(saidMs ?? atMs), 'a time in ms since 1970')) ??
    problemOfText('position.partition', position?.partition, mostNameBytes) ??
    (position === undefined || isOffset(position.offset)
      ? undefined
      : problem('position.offset', String(position.offset), 'a whole number of 0 or more'))
  );
}

/** Most texts are; it takes a tenth of the time. */
const plain = /^[\x20-\x7e]*$/;

/** None of what is not there. */
function problemOfText(field: string, text: string | undefined, mostBytes: number): EntryProblem | undefined {
  if (text === undefined || (text !== '' && 3 * text.length <= mostBytes && plain.test(text)))
    return undefined;
  const wanted = `1 to ${mostBytes} bytes of UTF-8`;
  // Half of a surrogate pair has no bytes in UTF-8.
  if (/\p{Surrogate}/u.test(text)) return problem(field, JSON.stringify(text.slice(0, 80)), wanted);
  const bytes = Buffer.byteLength(text);
  return bytes === 0 || bytes > mostBytes ? problem(field, `${bytes} bytes`, wanted) : undefined;
}

function problem(field: string, got: string, wanted: string): EntryProblem {
  return { field, problem: `is ${got}; wanted ${wanted}` };
}

function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 8.64e15;
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function isPosition(value: unknown): value is StreamPosition | undefined {
  if (value === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { partition, offset } = value as Partial<Record<keyof StreamPosition, unknown>>;
  return typeof partition === 'string' && isOffset(offset);
}

function isAnswer(value: unknown): value is Attribution | undefined {
  if (value === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { snapshot, recipe, rank } = value as Partial<Record<keyof Attribution, unknown>>;
  return typeof snapshot === 'string' && isOptionalText(recipe) && (rank === undefined || isOffset(rank));
}
