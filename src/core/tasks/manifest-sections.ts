/** What a manifest says of the events that a snapshot is made from, and of its artists and albums. */
import type { Interactions } from '../contracts.js';
import { isoTime } from '../events/event-times.js';
import { kindVersion, type KindRows } from '../snapshot/kind-rows.js';
import type { ManifestContent } from '../snapshot/manifest.js';

export function interactionsInput(interactions: Interactions): ManifestContent['inputs']['interactions'] {
  const { sha256, numEvents, users, items, pairs, firstAt, lastAt } = interactions;
  return {
    sha256,
    events: numEvents,
    users: users.length,
    items: items.length,
    pairs: pairs.item.length,
    firstAt: isoTime(firstAt),
    lastAt: isoTime(lastAt),
  };
}

/** Absent where there are none. */
export function kindSections(kinds: readonly KindRows[]): Pick<ManifestContent['model'], 'kinds'> {
  if (kinds.length === 0) return {};
  return {
    kinds: Object.fromEntries(
      kinds.map(({ kind, ids, numVectors }) => [
        kind,
        { version: kindVersion, rows: ids.length, vectors: numVectors },
      ]),
    ),
  };
}
