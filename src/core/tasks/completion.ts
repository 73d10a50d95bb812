/** What a root offers to complete a word with: `segue completion` makes shells ask for it. Nothing is locked or verified. */
import { closing } from '../closers.js';
import { AppError } from '../errors.js';
import { printName } from '../expressions/tree.js';
import type { Completable } from '../options/option.js';
import { namedRecipes } from '../query/recipes/find-recipe.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import { membersOf } from '../snapshot/members-of.js';
import {
  defaultForReading,
  listSnapshotIds,
  readLinks,
  resolveReference,
  snapshotDirectory,
} from '../snapshot/resolve-reference.js';
import { openCatalogue, type Catalogue } from '../store/catalogue.js';
import { openDirectoryAt } from '../snapshot/users/stored-directory.js';
import { join } from 'node:path';

export type { Completable };

export interface CompletionOptions {
  readonly root: string;
  readonly snapshot?: string | undefined;
  readonly as?: string | undefined;
  readonly what: Completable;
  /** What the word begins with. */
  readonly text: string;
}

export interface Completion {
  readonly value: string;
  /** A few words beside it, where a shell shows them. */
  readonly about: string;
}

/** As many as someone looks through. */
const most = 50;
/** Of a larger catalogue only the most played items are offered: reading all names would take longer than waiting is worth. */
const mostNames = 200_000;

/** What begins with a text, the likeliest first. A root that is not there, or damaged, offers nothing. */
export function completions(options: CompletionOptions): readonly Completion[] {
  try {
    return sources[options.what](options.root, options);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

const sources: Readonly<Record<Completable, (root: string, asked: CompletionOptions) => Completion[]>> = {
  references(root, { text }) {
    const { current, previous, latest, tags } = readLinks(root);
    const links = Object.entries({ current, latest, previous }).filter(([, id]) => id !== undefined);
    const named = [...links, ...tags].map(([value, id]) => ({ value, about: id ?? '' }));
    const ids = listSnapshotIds(root).map((value) => ({ value, about: 'snapshot' }));
    return [...named, ...ids].filter(({ value }) => value.startsWith(text));
  },
  tags(root, { text }) {
    const tags = [...readLinks(root).tags].map(([value, about]) => ({ value, about }));
    return tags.filter(({ value }) => value.startsWith(text));
  },
  recipes(root, { text }) {
    const recipes = namedRecipes(root).map(({ name, from }) => ({
      value: name,
      about: from === 'own' ? 'your own' : 'of segue',
    }));
    return recipes.filter(({ value }) => value.startsWith(text));
  },
  items: (root, asked) =>
    withCatalogue(root, asked, (catalogue) => {
      const { text } = asked;
      const isWhole = text !== '' && catalogue.numRows(trainedKind) <= mostNames;
      const items = isWhole
        ? catalogue
            .search(trainedKind, text, { limit: 10 * most })
            .map((row) => catalogue.record(trainedKind, row))
        : firstItems(catalogue);
      const byName = items.filter(({ name }) => name.startsWith(text));
      // Where nothing is written like that, neither capitals nor small letters count.
      const folded = text.toLowerCase();
      const alike = items.filter(({ name }) => name.toLowerCase().startsWith(folded));
      const named = (byName.length > 0 ? byName : alike).map(({ name, artist = '' }) => ({
        value: name,
        about: String(artist),
      }));
      const ids = items.filter(({ id }) => text !== '' && id.startsWith(text));
      const all = [...named, ...ids.map(({ id, name }) => ({ value: id, about: name }))];
      return [...new Map(all.map((each) => [each.value, each])).values()].slice(0, most);
    }),
  users(root, asked) {
    return closing(openDirectoryAt(directoryOf(root, asked)), (users) =>
      users.startingWith(asked.text, most).map((value) => ({ value, about: 'user' })),
    );
  },
  columns: (root, asked) =>
    withCatalogue(root, asked, (catalogue) => {
      const names = firstItems(catalogue).flatMap(Object.keys);
      const columns = [...new Set(['id', 'name', 'count', ...names])];
      return columns
        .map((name) => ({ name, value: columnWritten(name) }))
        .filter(({ name, value }) => name.startsWith(asked.text) || value.startsWith(asked.text))
        .map(({ value }) => ({ value, about: 'column' }));
    }),
};

/** A column as a predicate names it; `track.name` is its name or a part of `track`, whichever there is. */
function columnWritten(name: string): string {
  const dotted = printName({ parts: name.split('.') });
  return dotted === name ? dotted : printName({ parts: [name] });
}

type Named = Pick<CompletionOptions, 'snapshot' | 'as'>;

/** Nothing here is verified, and nobody holds a lease. */
function directoryOf(root: string, { snapshot, as }: Named): string {
  const reference = snapshot ?? defaultForReading(root).reference;
  const id = resolveReference(root, reference);
  const members = membersOf(root, id);
  const member = as === undefined ? members[0] : members.find((each) => each.as === as);
  return snapshotDirectory(root, member?.snapshot ?? id);
}

function withCatalogue<T>(root: string, asked: Named, use: (catalogue: Catalogue) => T): T {
  return closing(openCatalogue(join(directoryOf(root, asked), snapshotFile.itemStore)), (catalogue) =>
    use(catalogue),
  );
}

/** The most played. */
function firstItems(catalogue: Catalogue): ReturnType<Catalogue['record']>[] {
  const count = Math.min(most, catalogue.numRows(trainedKind));
  return Array.from({ length: count }, (_, row) => catalogue.record(trainedKind, row));
}
