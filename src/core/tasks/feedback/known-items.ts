/** What a root's snapshot knows of the items that feedback is about; nothing where there is no snapshot yet. */
import { opening } from '../../closers.js';
import type { TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import type { EntryScope } from '../../ledger/entry.js';
import { findEntity, recordOf } from '../../query/find-entities.js';
import { groupIdOf } from '../../snapshot/kind-rows.js';
import { snapshotFile, trainedKind } from '../../snapshot/layout.js';
import { openForReading, type OpenSnapshot } from '../../snapshot/open-snapshot.js';
import { openCatalogue, type Catalogue } from '../../store/catalogue.js';

/** What an entry names. */
export interface NamedItem {
  readonly item: string;
  readonly scope: EntryScope;
  /** As people call it; absent for an id that is taken as it is. */
  readonly name?: string;
}

export interface KnownItems {
  /** Id of the snapshot; null where there is none. */
  readonly snapshot: string | null;
  nameOf(id: string): string | undefined;
  has(id: string): boolean;
  /**
   * What a query means: an item by id or name; `artist:…` and `album:…`, or with a scope the artist or album of that name,
   * else that of the item; `id:…` is an id that need not be known. AppErrors as `findEntity`; 'snapshot-not-found'.
   */
  find(query: string, scope: EntryScope | undefined): NamedItem;
  close(): void;
}

const idPrefix = 'id:';

/** Without a snapshot named: what is current, or latest, where there is any. AppErrors of opening it. */
export async function openKnownItems(
  root: string,
  { snapshot: reference, as }: { readonly snapshot?: string | undefined; readonly as?: string | undefined },
  context: TaskContext,
): Promise<KnownItems> {
  let snapshot: OpenSnapshot | undefined;
  let missing: AppError | undefined;
  try {
    snapshot = await openForReading(root, reference, context, as);
  } catch (error) {
    if (reference !== undefined || !(error instanceof AppError) || error.code !== 'snapshot-not-found')
      throw error;
    missing = error;
  }
  return opening((opened) => {
    if (snapshot !== undefined) opened.keep(snapshot);
    const catalogue =
      snapshot === undefined ? undefined : opened.keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const rowOf = (id: string): number | undefined => catalogue?.rowOfId(trainedKind, id);
    return {
      snapshot: snapshot?.id ?? null,
      has: (id) => rowOf(id) !== undefined,
      nameOf(id) {
        const row = rowOf(id);
        return row === undefined ? undefined : catalogue?.record(trainedKind, row).name;
      },
      find(query, scope) {
        if (query.startsWith(idPrefix) && rowOf(query) === undefined)
          return { item: query.slice(idPrefix.length), scope: scope ?? 'item' };
        if (snapshot === undefined || catalogue === undefined) throw unknowable(query, missing);
        return findNamed(snapshot, catalogue, query, scope);
      },
      close: () => opened.close(),
    };
  });
}

function findNamed(
  snapshot: OpenSnapshot,
  catalogue: Catalogue,
  query: string,
  scope: EntryScope | undefined,
): NamedItem {
  const { kind, row } = findEntity(snapshot, catalogue, query, scope ?? trainedKind);
  const record = recordOf(catalogue, { kind, row });
  if (kind === 'artist' || kind === 'album') {
    if (scope === undefined || scope === kind) return { item: record.id, scope: kind, name: record.name };
    throw new AppError('bad-usage', `${JSON.stringify(query)} is an ${kind}, and the scope is ${scope}`, {
      suggestions: [`leave \`scope\` out: it is the ${kind} then`],
    });
  }
  if (scope === undefined || scope === 'item') return { item: record.id, scope: 'item', name: record.name };
  // By its id: several albums may have the same name.
  const group = groupIdOf(record, scope);
  if (group !== undefined) return { item: group, scope, name: group };
  throw new AppError('missing-part', `${JSON.stringify(record.name)} has no ${scope} in the catalogue`, {
    suggestions: [`name the ${scope}: ${scope}:NAME`],
  });
}

function unknowable(query: string, missing: AppError | undefined): AppError {
  return new AppError(
    'snapshot-not-found',
    `there is no snapshot in which to look ${JSON.stringify(query)} up`,
    {
      suggestions: [
        `for the id of an item as it is: ${JSON.stringify(`${idPrefix}${query}`)}`,
        ...(missing?.suggestions ?? []),
      ],
      cause: missing,
    },
  );
}
