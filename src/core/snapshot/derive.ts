import type { JsonValue } from './canonical-json.js';
import type { IndexSection, UsersSection } from './manifest.js';
import { derivedId } from './snapshot-id.js';

/** What identifies the parts that can be added to a training, or left out: their options, as manifests have them. */
export interface Parts {
  /** null: given away without listeners. */
  readonly users: Pick<UsersSection, 'options'> | null;
  readonly index: {
    readonly item: Pick<IndexSection, 'kind' | 'encoding' | 'targetRecall' | 'options'>;
  } | null;
}

/**
 * The id of a training with these parts: the training's own where nothing was added or left out. Only options count,
 * never what was measured, so the id is known before the work; and the order of making does not matter.
 */
export function idWithParts(basis: string, parts: Parts): string {
  const identity: Record<string, JsonValue> = {};
  if (parts.users === null) identity['users'] = null;
  // The users that training itself makes have no options of their own.
  else if (Object.keys(parts.users.options).length > 0) identity['users'] = parts.users.options;
  if (parts.index !== null) {
    const { kind, encoding, targetRecall, options } = parts.index.item;
    identity['index'] = { item: { kind, encoding, targetRecall, options } };
  }
  return Object.keys(identity).length === 0 ? basis : derivedId(basis, identity);
}
