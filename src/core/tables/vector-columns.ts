/** Which column of a table that another program made holds the vectors, which the ids, and which the counts. */
import { AppError } from '../errors.js';
import { requireMetadataColumns } from './metadata-limit.js';

/** By name, where it was said. */
export interface VectorColumnChoice {
  readonly id?: string | undefined;
  readonly vector?: string | undefined;
  readonly count?: string | undefined;
}

export interface KnownColumn {
  readonly name: string;
  /** `other`: dates, structures and whatever else cannot be a name or a number of an item. */
  readonly kind: 'text' | 'int' | 'vector' | 'other';
}

export interface VectorColumns {
  readonly vector: string;
  /** undefined where none looks like it. */
  readonly id: string | undefined;
  readonly count: string | undefined;
  /** Names and metadata. */
  readonly others: readonly string[];
}

const commonIds = ['id', 'item', 'item_id', 'itemid', 'user', 'user_id', 'userid', 'word', 'key'];
const defaultCount = 'count';
/** What pandas calls an index that has no name. */
const pandasIndex = /^__index_level_\d+__$/;

/** AppError 'bad-input-file' that lists the columns, where one that is needed is not known. */
export function chooseVectorColumns(
  path: string,
  columns: readonly KnownColumn[],
  choice: VectorColumnChoice,
): VectorColumns {
  const listed = columns
    .map(({ name, kind }) => `${name} (${kind === 'other' ? 'of another type' : kind})`)
    .join(', ');
  const wrong = (problem: string, flag: string, name = ''): AppError =>
    new AppError('bad-input-file', `${path} ${problem}; its columns are ${listed}`, {
      suggestions: [
        `say which it is: ${flag} NAME`,
        ...(name.includes('.')
          ? ['a field of a structure is read from Parquet: write the table as that']
          : []),
      ],
      details: { file: path, columns: columns.map(({ name }) => name) },
    });
  const named = (name: string | undefined, flag: string, kinds: readonly string[]): string | undefined => {
    if (name === undefined) return undefined;
    const column = columns.find((each) => each.name === name);
    if (column === undefined) throw wrong(`has no column ${JSON.stringify(name)}`, flag, name);
    if (!kinds.includes(column.kind)) {
      throw wrong(`has a column ${JSON.stringify(name)} that is no ${kinds.join(' or ')}`, flag);
    }
    return name;
  };
  const lists = columns.filter(({ kind }) => kind === 'vector');
  const vector = named(choice.vector, '`vectorColumn`', ['vector']) ?? lists[0]?.name;
  if (vector === undefined) throw wrong('has no column of lists of float32 or float64', '`vectorColumn`');
  if (choice.vector === undefined && lists.length > 1) {
    throw wrong('has several columns of lists of numbers', '`vectorColumn`');
  }
  const scalars = columns.filter(
    ({ name, kind }) => (kind === 'text' || kind === 'int') && !pandasIndex.test(name),
  );
  const common = commonIds.flatMap(
    (commonId) => scalars.find(({ name }) => name.toLowerCase() === commonId) ?? [],
  );
  const id =
    named(choice.id, '`idColumn`', ['text', 'int']) ??
    common[0]?.name ??
    (scalars.length === 1 ? scalars[0]?.name : undefined);
  const count =
    named(choice.count, '`countColumn`', ['int']) ??
    scalars.find(({ name, kind }) => name === defaultCount && kind === 'int' && name !== id)?.name;
  const others = scalars.map(({ name }) => name).filter((name) => name !== id && name !== count);
  requireMetadataColumns(path, others.length);
  return { vector, id, count, others };
}
