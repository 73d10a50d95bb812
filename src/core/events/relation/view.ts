/**
 * Rows that cannot be read as they stand: of JSON that is no lines, of a database, of fields of structures, of expressions, or
 * through a filter or other names of types. DuckDB writes what is needed of them into a Parquet file in the scratch directory, and
 * all reading goes on from that.
 */
import { stat } from 'node:fs/promises';
import type { DuckDBValue } from '@duckdb/node-api';
import { AppError } from '../../errors.js';
import { namesOf, type Expression, type Predicate } from '../../expressions/tree.js';
import {
  expressionToSql,
  predicateToSql,
  tooLargeIn,
  quotedName,
  quotedText,
} from '../../expressions/sql.js';
import { parseExpression, parsePredicate } from '../../expressions/parse.js';
import type { DuckdbSession } from '../duckdb-session.js';
import { columnsRead, eventSourceOf, type EventLook, type EventSource } from '../event-source.js';
import type { ColumnChoice } from '../find-columns.js';
import { parseTypes } from '../type-names.js';
import { attach } from './duckdb-file.js';
import type { ReadingContext } from '../files/input-file.js';
import { momentSql } from '../cell-sql.js';
import { columnOf, rowColumn } from '../row-sql.js';
import { unreadableParquet, type AnyRows, type FoundRows, type RowSource } from '../row-source.js';
import {
  expressionIn,
  filtersOf,
  notMatching,
  placesOf,
  withFields,
  withNested,
  withProfile,
} from './needs-view.js';
import { isOfRows, unreadableJson } from './json-structure.js';
import { recognised, shippedProfiles, type Profile } from './profile.js';
import { queried } from './query.js';
import { relationOf, type Field, type Relation } from './relation.js';

/** What a view is made with. */
export interface ViewTools {
  readonly session: DuckdbSession;
  readonly skipBadRows: boolean;
  readonly context: ReadingContext;
}

/** The view of a file as a source of events. AppErrors as of `eventSourceOf`, and 'bad-usage' for what an expression names. */
export async function viewOf(found: FoundRows, look: EventLook, tools: ViewTools): Promise<EventSource> {
  const { session, skipBadRows, context } = tools;
  const isJson = found.format === 'json' || found.format === 'jsonl';
  const typed = isJson && look.profile?.select !== undefined;
  const said = JSON.stringify([
    ...[look.filter, [...look.choices.values()]],
    look.profile ?? (look.choices.size > 0 ? undefined : await shippedProfiles()),
  ]);
  const isNamed = (name: string): boolean => /["\\`]/.test(name) || said.includes(name);
  const reading = { typed, skipBadRows, isNamed };
  const outer = await relationOf(found, session, reading, context);
  const known = async ({ fields }: Relation): Promise<Profile | undefined> =>
    look.profile ?? (look.choices.size > 0 ? undefined : await recognised(fields.map(({ name }) => name)));
  const ofOuter = await known(outer);
  const isWithin = outer.rowsWithin !== undefined && ofOuter?.select === undefined;
  if (isWithin) {
    const list = JSON.stringify(outer.rowsWithin.join('.'));
    context.onProgress({
      kind: 'note',
      message: `the rows of ${found.file.name} are those of its list ${list}`,
    });
  }
  const plain = isWithin ? await relationOf(found, session, { ...reading, within: true }, context) : outer;
  const profile = isWithin ? await known(plain) : ofOuter;
  if (profile?.select !== undefined && isJson && !typed)
    return await viewOf(found, { ...look, profile }, tools);
  const relation =
    profile?.select === undefined ? plain : await selected(found.file.name, plain, profile.select, session);
  return await viewOfRelation(found, relation, profile === undefined ? look : { ...look, profile }, tools);
}

/** The rows of a query over files, which are called events1, events2 … in it. AppError 'bad-usage' for what is no SELECT. */
export async function viewOfQuery(
  files: readonly FoundRows[],
  sql: string,
  path: string,
  look: EventLook,
  tools: ViewTools,
): Promise<EventSource> {
  const { session, skipBadRows, context } = tools;
  for (const [at, found] of files.entries()) {
    const name = `events${String(at + 1)}`;
    if (found.format === 'duckdb') {
      const tables = await attach(found.file, name, session);
      if (tables.length === 1) await session.rows(`CREATE TEMP VIEW ${name} AS FROM ${name}.${tables[0]!}`);
    } else
      await asTable(name, await relationOf(found, session, { typed: true, skipBadRows }, context), session);
  }
  const file = { ...files[0]!.file, path, name: '`sql`', gzip: false };
  const found: AnyRows = { index: 0, file, format: 'sql', names: [], header: false, blankLines: 0 };
  return await viewOfRelation(found, await queried(sql, '`sql`', session), look, tools);
}

/** The rows of a profile's SELECT over `events`. */
async function selected(
  file: string,
  relation: Relation,
  select: string,
  session: DuckdbSession,
): Promise<Relation> {
  const alike = namesAlike(relation);
  if (alike !== undefined) throw twice(file, alike);
  await asTable('events', relation, session);
  const [first] = relation.fields;
  return await queried(select.replaceAll('{first}', quotedName(first?.name ?? '')), 'select', session);
}

async function asTable(name: string, { from, select }: Relation, session: DuckdbSession): Promise<void> {
  await session.rows(`CREATE OR REPLACE TEMP VIEW ${name} AS SELECT ${select} FROM ${from}`);
}

async function viewOfRelation(
  found: AnyRows,
  relation: Relation,
  look: EventLook,
  { session, context }: ViewTools,
): Promise<EventSource> {
  const { profile } = look;
  const fields = relation.fields.map(entriesOf);
  const all = new Map([...constantsOf(found), ...fields].map((field) => [field.name, withNumber(field)]));
  const { source, columns, names } = placed(found, relation, fields, all, look, context);
  const used = [...new Set([...columnsRead(source), ...source.more.filter((at) => at !== undefined)])];
  const ofTypes = typesOf(source, look, context);
  const cells = used.map((at) => {
    const { sql, duckType } = columns[at]!;
    // Parquet has no whole numbers of so many bytes.
    const cell = /HUGEINT|BIGNUM/.test(duckType) ? `(${sql})::VARCHAR` : sql;
    const typed = at === source.columns.type && ofTypes !== undefined ? withTypes(cell, ofTypes) : cell;
    return `${typed} AS ${columnOf(source, at)}`;
  });
  const details = detailsOf(profile, all);
  cells.push(...details.map(({ key, sql }) => `${sql}::VARCHAR AS "item:${key}"`));
  const filters = conditionsOf(look, all);
  const calculated = columns.slice(fields.length).flatMap(({ name }) => expressionIn(name) ?? []);
  const trees = [...filters.map(({ tree }) => tree), ...details.map(({ tree }) => tree), ...calculated];
  const lookedAt = trees.flatMap(namesOf).map(({ parts }) => parts.join('.'));
  for (const name of lookedAt)
    if (names !== undefined && names.indexOf(name) !== names.lastIndexOf(name))
      throw twice(found.file.name, name);
  const unnested = used
    .flatMap((at) => columns[at]!.list ?? [])
    .map(({ sql, as }) => `, unnest(${sql}) AS ${as}`);
  const from = unnested.length === 0 ? relation.from : `(SELECT *${unnested.join('')} FROM ${relation.from})`;
  const view = await written(found, { from, fields }, cells, filters, session, context);
  const itemKeys = details.map(({ key }) => key);
  return { ...source, ...view, numOwn: fields.length, itemKeys, lookedAt, recognised: profile?.id };
}

/** Where roles are among the fields, and behind these what has to be calculated. `names`: those of the fields, where they have any. */
function placed(
  found: AnyRows,
  { fields: ofFile, isPositional }: Relation,
  fields: readonly EntryField[],
  all: ReadonlyMap<string, Field>,
  look: EventLook,
  context: ReadingContext,
): { source: EventSource; columns: readonly EntryField[]; names: readonly string[] | undefined } {
  const { profile } = look;
  const isNamed = isPositional !== true && (found.dialect === undefined || found.header);
  const names = isNamed ? fields.map(({ name }) => name) : undefined;
  const has = (name: string): boolean => all.has(name);
  const nested = isNamed ? ofFile.map(({ name, ...field }) => ({ name, isList: isOfLists(field) })) : [];
  const asked =
    profile === undefined ? withNested(look.choices, nested) : withProfile(look.choices, profile, names, has);
  for (const role of ['user', 'item'] as const)
    if (profile !== undefined && profile[role].length > 0 && !asked.has(role))
      throw lacking(found.file.name, role, profile);
  const columns: EntryField[] = [...fields];
  const choices = withFields(asked, names, has, (tree, text) => {
    return columns.push(calculatedField(tree, text, all)) - 1;
  });
  const rows = { ...found, ...rowsOf(columns), ...(isNamed ? {} : { dialect: noDialect }) };
  return { source: eventSourceOf(rows, { ...look, choices }, context), columns, names };
}

/** What types are called here. A warning where there is no column of them. */
function typesOf(
  { file, columns }: EventSource,
  { types, profile }: EventLook,
  { onProgress }: ReadingContext,
): ReadonlyMap<string, string> | undefined {
  if (types !== undefined && columns.type === undefined)
    onProgress({
      ...{ kind: 'warning', message: `${file.name} has no column of types, which \`types\` is about` },
      suggestions: ['Say which column it is: `columns` type=NAME'],
    });
  return types ?? (profile?.types === undefined ? undefined : parseTypes(profile.types));
}

/** What a profile says of columns that are not there it does not say. */
function isThere(tree: Expression | Predicate, all: ReadonlyMap<string, Field>): boolean {
  return namesOf(tree).every(({ parts }) => all.has(parts.join('.')));
}

/** What a profile has of items. */
function detailsOf(profile: Profile | undefined, all: ReadonlyMap<string, Field>) {
  return (['name', 'artist', 'album'] as const).flatMap((key) => {
    const text = profile?.[key] ?? '';
    const tree = text === '' ? undefined : parseExpression(text, key);
    if (tree === undefined || !isThere(tree, all)) return [];
    return [{ key, tree, sql: expressionToSql(tree, all, text, key).sql }];
  });
}

/** Rows that are left out: by what they are, and the condition that they meet. */
function conditionsOf(look: EventLook, all: ReadonlyMap<string, Field>) {
  return filtersOf(look).flatMap(({ what, name, where }) => {
    const tree = parsePredicate(where, name);
    if (what !== notMatching && !isThere(tree, all)) return [];
    const holds = `coalesce(${predicateToSql(tree, all, where, name)}, false)`;
    return [{ what, tree, sql: what === notMatching ? `NOT ${holds}` : holds }];
  });
}

/** A field; one of lists as the entries of them, of which each is an event. */
interface EntryField extends Field {
  readonly list?: { readonly sql: string; readonly as: string };
}

function entriesOf(field: Field, at: number): EntryField {
  const { sql, duckType } = field;
  if (!isOfLists(field)) return field;
  const as = `"segue_list${String(at)}"`;
  return { ...field, type: 'texts', sql: as, duckType: duckType.slice(0, -2), list: { sql, as } };
}

/** Lists of plain values. */
function isOfLists({ duckType }: Pick<Field, 'duckType'>): boolean {
  return /^[A-Z0-9_]+\[\]$/.test(duckType);
}

/** All columns of a file, and fields of its structures, as rows that can be read; and what is chosen of them, calculated where it has to be. */
export async function tableView(
  found: FoundRows,
  chosen: ReadonlyMap<string, ColumnChoice>,
  session: DuckdbSession,
  context: ReadingContext,
): Promise<{ source: RowSource; choices: ReadonlyMap<string, ColumnChoice> }> {
  const relation = await relationOf(found, session, { typed: false, skipBadRows: false }, context);
  const { fields } = relation;
  const all = new Map(fields.map((field) => [field.name, withNumber(field)]));
  const columns = [...fields];
  const choices = withFields(
    chosen,
    fields.map(({ name }) => name),
    (name) => all.has(name),
    (tree, text) => columns.push({ ...calculatedField(tree, text, all, '`itemColumns`'), name: text }) - 1,
  );
  const source = { ...found, ...rowsOf(columns) };
  const cells = columns.map(({ sql }, at) => `${sql} AS ${columnOf(source, at)}`);
  const view = await written(found, relation, cells, [], session, context);
  return { source: { ...source, ...view }, choices };
}

function rowsOf(columns: readonly Field[]): Pick<RowSource, 'format' | 'names' | 'types' | 'rowColumn'> {
  return {
    ...{ format: 'parquet', rowColumn },
    names: columns.map(({ name }) => name),
    types: columns.map(({ duckType }) => duckType),
  };
}

/** Of columns without names: positions name them, as in a text file without a header. */
const noDialect = { delimiter: ',', quote: '' };

/** Writes the rows into a file beside that of `found`, but for those of `leftOut`, which are counted: each by the first that it is. */
async function written(
  { file, format }: AnyRows,
  { from, fields }: Pick<Relation, 'from' | 'fields'>,
  cells: readonly string[],
  leftOut: readonly { readonly what: string; readonly sql: string }[],
  session: DuckdbSession,
  { onProgress }: ReadingContext,
): Promise<Pick<EventSource, 'file' | 'leftOut'>> {
  const path = `${file.path}-view.parquet`;
  onProgress({ kind: 'step', phase: `reading ${file.name}`, done: 0, total: undefined, unit: 'rows' });
  const why = `CASE ${leftOut.map(({ sql }, at) => `WHEN ${sql} THEN ${String(at)}`).join(' ')} END`;
  // Longer than the names that there are, it is none of them.
  const number = rowColumn.padEnd(1 + Math.max(...fields.map(({ name }) => name.length)), '_');
  const rows = `(SELECT row_number() OVER () AS ${number}, * FROM ${from})`;
  const where = leftOut.length === 0 ? '' : ` WHERE ${why} IS NULL`;
  await session.rows('SET preserve_insertion_order = true');
  const select = [`${number} AS ${rowColumn}`, ...cells].join(', ');
  let counts: DuckDBValue[][] = [];
  try {
    const copy = `COPY (SELECT ${select} FROM ${rows}${where}) TO ${quotedText(path)} (FORMAT parquet)`;
    try {
      await session.rows(copy);
    } catch (error) {
      const isShort = error instanceof AppError && error.code === 'too-large';
      if (!isShort || !(await session.takeMoreMemory())) throw error;
      await session.rows(copy);
    }
    if (leftOut.length > 0)
      counts = await session.rows(`SELECT ${why} AS r, count(*) FROM ${from} GROUP BY r ORDER BY r`);
  } catch (error) {
    throw error instanceof AppError ? error : unreadableRows(file.name, format, error);
  }
  await session.rows('SET preserve_insertion_order = false');
  const { size } = await stat(path);
  return {
    file: { ...file, path, bytes: size, from: file.from ?? format },
    leftOut: counts.flatMap(([at, count]) =>
      at === null ? [] : [{ what: leftOut[Number(at)]!.what, rows: Number(count) }],
    ),
  };
}

function lacking(file: string, role: 'user' | 'item', { id, [role]: wanted }: Profile): AppError {
  const columns = wanted.map((text) => JSON.stringify(text)).join(' or ');
  return new AppError(
    'bad-input-file',
    `${file} has no column ${columns}, which ${id} reads as the ${role}`,
    {
      details: { file, role, wanted },
    },
  );
}

/** A name that two columns have, as far as SQL can tell. */
function namesAlike({ fields }: Relation): string | undefined {
  const seen = new Set<string>();
  return fields.find(({ name }) => seen.size === seen.add(name.toLowerCase()).size)?.name;
}

function twice(file: string, name: string): AppError {
  return new AppError(
    'bad-input-file',
    `${file} has two columns that are called ${JSON.stringify(name)}, in any case`,
    {
      suggestions: ['Rename one of them.'],
      details: { file, columns: [name] },
    },
  );
}

/** Of rows that a statement ended at. An error that is none of the rows' stays as it is. */
function unreadableRows(name: string, format: AnyRows['format'], error: unknown): unknown {
  const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  const large = tooLargeIn(error);
  if (large !== undefined) return rowProblem(name, large.replace(/^[\w ]+ Error: /, ''));
  if (!isOfRows(error)) return error;
  if (format === 'parquet') return unreadableParquet(name, error);
  if (format === 'json' || format === 'jsonl') return unreadableJson(name, error);
  return rowProblem(name, reason.replace(/^[\w ]+ Error: /, ''));
}

function rowProblem(name: string, reason: string): AppError {
  return new AppError('bad-input-file', `${name}: ${reason}`, { details: { file: name, reason } });
}

/** What all rows of a file have in common: its place, and what `key=value` in its path says. */
function constantsOf({ file: { name, partitions = {} } }: AnyRows): Field[] {
  const pairs = [...Object.entries(placesOf(name)), ...Object.entries(partitions)];
  return pairs.map(([key, value]) => ({
    name: key,
    sql: quotedText(value),
    type: 'texts',
    duckType: 'VARCHAR',
  }));
}

/** As expressions calculate with it, and compare it with days. */
function withNumber(field: Field): Field {
  const { sql, number, type, duckType } = field;
  if (type === 'texts' && duckType === 'VARCHAR') return { ...field, dates: momentSql(sql) };
  return number === undefined ? field : { ...field, sql: `(${sql})::${number}` };
}

function calculatedField(
  tree: Expression,
  text: string,
  all: ReadonlyMap<string, Field>,
  what = '`columns`',
): Field {
  const { sql, kind } = expressionToSql(tree, all, text, what);
  // A field that is named, and not calculated with, stays what it is.
  const plain = tree.op === 'name' ? all.get(tree.parts.join('.')) : undefined;
  return plain ?? { name: text, sql, type: 'texts', duckType: kind === 'texts' ? 'VARCHAR' : 'DOUBLE' };
}

/** A type by its other names, in any case. */
function withTypes(sql: string, types: ReadonlyMap<string, string>): string {
  const branches = [...types].map(([name, type]) => `WHEN ${quotedText(name)} THEN ${quotedText(type)}`);
  return `CASE lower(trim(${sql}::VARCHAR)) ${branches.join(' ')} ELSE ${sql}::VARCHAR END`;
}
