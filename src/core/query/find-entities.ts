/** What people name, among all kinds of entity that a snapshot has. */
import type { ItemRecord } from '../contracts.js';
import { AppError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import type { Catalogue } from '../store/catalogue.js';
import { kindNames, requireKind, type Kind } from '../snapshot/kinds.js';
import { groupedKinds, trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

/** An item, an artist or an album, by its row. */
export interface Entity {
  readonly kind: Kind;
  readonly row: number;
}

const prefixed = new RegExp(`^(${[trainedKind, ...groupedKinds].join('|')}):(.+)$`, 's');

/**
 * The entity that a name means: `artist:…`, `album:…` and `item:…` force a kind (unless that is, whole, the id of what is
 * looked among, or of an item); else it is one of `kind`, or an item where none of `kind` is called so.
 *
 * @throws AppError 'item-not-found' with what comes closest among `kind`, and with entities of other kinds that are
 *   called so; 'item-ambiguous'; 'missing-part' for a kind that the snapshot does not have
 */
export function findEntity(snapshot: OpenSnapshot, catalogue: Catalogue, query: string, kind: Kind): Entity {
  const found = lookUpEntity(snapshot, catalogue, query, kind);
  if (found !== undefined) return found;
  const [, prefix, name] = prefixed.exec(query) ?? [];
  if (prefix !== undefined && name !== undefined) {
    const { name: forced } = requireKind(snapshot, prefix);
    return { kind: forced, row: catalogue.find(forced, name) };
  }
  const others = kindNames(snapshot).filter((other) => other !== kind && other !== trainedKind);
  const meant = others.filter((other) => isCalled(catalogue, other, query));
  try {
    return { kind, row: catalogue.find(kind, query) };
  } catch (error) {
    if (!(error instanceof AppError) || meant.length === 0) throw error;
    const { code, message, details, suggestions } = error;
    const named = meant.map((other) => `for the ${other} of that name: ${shellWord(`${other}:${query}`)}`);
    throw new AppError(code, message, { cause: error, details, suggestions: [...named, ...suggestions] });
  }
}

/** The same without a search for what comes closest: undefined where nothing is called so. Throws the other errors. */
export function lookUpEntity(
  snapshot: OpenSnapshot,
  catalogue: Catalogue,
  query: string,
  kind: Kind,
): Entity | undefined {
  const [, prefix, name] = prefixed.exec(query) ?? [];
  const isForced = prefix !== undefined && name !== undefined;
  const first: readonly Kind[] = kind === trainedKind ? [kind] : [kind, trainedKind];
  for (const known of first) {
    const row = isForced ? catalogue.rowOfId(known, query) : catalogue.lookUp(known, query);
    if (row !== undefined) return { kind: known, row };
  }
  if (!isForced) return undefined;
  const { name: forced } = requireKind(snapshot, prefix);
  const row = catalogue.lookUp(forced, name);
  return row === undefined ? undefined : { kind: forced, row };
}

/** Whether anything of a kind has that name, be it several. */
function isCalled(catalogue: Catalogue, kind: Kind, query: string): boolean {
  try {
    return catalogue.lookUp(kind, query) !== undefined;
  } catch (error) {
    if (error instanceof AppError && error.code === 'item-ambiguous') return true;
    throw error;
  }
}

/** As answers show it: what is no item says of which kind it is. */
export function recordOf(catalogue: Catalogue, { kind, row }: Entity): ItemRecord {
  const record = catalogue.record(kind, row);
  if (kind === trainedKind) return record;
  const { id, name, ...others } = record;
  return { id, name, kind, ...others };
}
