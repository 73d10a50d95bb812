/**
 * Parts of an answer: `fields` leaves only some keys of what is listed, and `cursor` goes on where a list ended, by the same
 * snapshot and entry of the ledger. A cursor is text that only this service reads: these, the place, until when it holds, and a
 * digest of the query.
 */
import { hash } from 'node:crypto';
import type { LedgerMark } from '../query/item-lists.js';
import { AppError } from '../errors.js';
import { isObject, type JsonSchema, type OptionKind } from '../options/kinds.js';
import { option } from '../options/option.js';
import type { Reader } from '../query/reader.js';
import { HttpError } from './problems.js';

/** What is asked, by the names that a request has for it. */
type Given = Readonly<Record<string, unknown>>;

export interface Page {
  readonly snapshot: string;
  /** Results that were on the pages before. */
  readonly offset: number;
  /** How far the ledger was obeyed; 0 where there was none. */
  readonly mark: LedgerMark;
  readonly untilMs: number;
}

const cursorPattern = /^([0-9a-f]{16})-(\d{1,9})-([0-9a-f]{16}|)-(\d{1,15})-(\d{1,15})-([\w-]{16})$/;
const fieldsPattern = /^[^,]+(?:,[^,]+)*$/;

const cursorKind: OptionKind<string> = {
  wanted: 'a cursor, from the link of an answer',
  accepts: (value) => typeof value === 'string' && cursorPattern.test(value),
  schema: { type: 'string', pattern: cursorPattern.source },
};

export const cursor = option(cursorKind, {
  about: 'where the page before ended: from its `link` header',
  group: 'QUERY',
});

const fieldsKind: OptionKind<string> = {
  wanted: 'names of keys, joined by commas',
  accepts: (value) => typeof value === 'string' && fieldsPattern.test(value),
  schema: { type: 'string', pattern: fieldsPattern.source },
};

export const fields = option(fieldsKind, {
  about: 'the fields of each result that are wanted',
  group: 'QUERY',
});

/** HttpError 400 for a cursor of another query. */
export function pageOf(text: string, query: Given): Page {
  const [, snapshot, offset, ledger = '', seq, until, digest] = cursorPattern.exec(text) ?? [];
  if (snapshot === undefined || digest !== digestOf(query)) {
    throw new HttpError(400, 'bad-usage', 'the cursor is of another question: ask the same with it', [
      'follow the link of the answer as it is',
    ]);
  }
  return { snapshot, offset: Number(offset), mark: { ledger, seq: Number(seq) }, untilMs: Number(until) };
}

export function cursorOf({ snapshot, offset, mark, untilMs }: Page, query: Given): string {
  return [snapshot, offset, mark.ledger, mark.seq, untilMs, digestOf(query)].join('-');
}

function digestOf(query: Given): string {
  const sorted = Object.entries(query).sort(([one], [other]) => (one < other ? -1 : 1));
  return hash('sha256', JSON.stringify(sorted), 'base64url').slice(0, 16);
}

/**
 * The same answer with only these keys (undefined: all) of each that it lists; of an answer that lists nothing, of itself. HttpError 400 for a key
 * that its schema does not have, none of them has, and that is no column of items.
 *
 * @param list the key of the list
 */
export async function partOf(
  body: object,
  { properties }: JsonSchema,
  names: string | undefined,
  list: string | undefined,
  { reader }: { readonly reader: Pick<Reader, 'ask'> },
): Promise<object> {
  if (names === undefined) return body;
  const wanted = new Set(names.split(','));
  const all = list === undefined ? [body] : listed(body, list);
  const { items } = (list === undefined ? {} : (properties as Given)[list]) as {
    readonly items?: JsonSchema;
  };
  const known = (items?.['properties'] ?? properties) as object;
  for (const name of wanted) {
    if (name in known || all.some((each) => name in each)) continue;
    const refused = (why: string): HttpError =>
      new HttpError(400, 'bad-usage', `fields: ${why}`, [`there are ${Object.keys(known).join(', ')}`]);
    if (!isObject(items?.['additionalProperties'])) throw refused(`there is no ${JSON.stringify(name)}`);
    // A column of which these have nothing.
    const where = `\`${name.replaceAll('`', '``')}\` is null`;
    await reader.ask('items', { kind: 'item', words: [], where, k: 1 }).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'bad-usage') throw error;
      throw refused(error.message.replace('`where`, character 1: ', ''));
    });
  }
  const pick = (value: object): object =>
    Object.fromEntries(Object.entries(value).filter(([name]) => wanted.has(name)));
  return list === undefined ? pick(body) : { ...body, [list]: all.map(pick) };
}

export function listed(body: object, list: string): readonly object[] {
  const all = (body as Given)[list];
  return Array.isArray(all) ? (all as readonly object[]) : [];
}
