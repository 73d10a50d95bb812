/** What a snapshot that is derived from another takes over from its manifest, and the id that it gets. */
import { sha256Hex } from '../../files/sha256.js';
import { canonicalJson, type JsonValue } from '../canonical-json.js';
import { isOfUnknownPart } from '../layout.js';
import { jsonOf } from '../manifest.js';
import type { AddedSection, IndexSection, Manifest, ManifestContent, UsersSection } from '../manifest.js';
import { derivedId } from '../snapshot-id.js';

/** What identifies the parts that can be added to a training, or left out: their options, as manifests have them. */
export interface Parts {
  /** null: given away without listeners. */
  readonly users: Pick<UsersSection, 'options'> | null;
  readonly index: {
    readonly item: Pick<IndexSection, 'kind' | 'encoding' | 'targetRecall' | 'options'>;
  } | null;
  /** Items that were added. */
  readonly added?: Pick<AddedSection, 'sha256'> | undefined;
  /** Parts that this version does not know, by name: a hash of each. */
  readonly unknown?: Readonly<Record<string, string>>;
}

/**
 * The id of a training with these parts: the training's own where nothing was added or left out. Only options count,
 * never what was measured, so the id is known before the work; and the order of making does not matter.
 */
export function idWithParts(basis: string, parts: Parts): string {
  const identity: Record<string, JsonValue> = { ...parts.unknown };
  if (parts.users === null) identity['users'] = null;
  // The users that training itself makes have no options of their own.
  else if (Object.keys(parts.users.options).length > 0) identity['users'] = parts.users.options;
  if (parts.index !== null) {
    const { kind, encoding, targetRecall, options } = parts.index.item;
    identity['index'] = { item: { kind, encoding, targetRecall, options } };
  }
  if (parts.added !== undefined) identity['added'] = parts.added.sha256;
  return Object.keys(identity).length === 0 ? basis : derivedId(basis, identity);
}

/** The parts that a snapshot has. */
export function partsOf(manifest: Manifest): Parts {
  const { users, index, model } = manifest;
  return { users, index, added: model.added, unknown: unknownParts(manifest) };
}

/**
 * The parts of a snapshot that a later segue of the same format version added. They are passed on, though nobody here
 * can tell what they were made from: so their very bytes and their section of the manifest are what they are known by.
 */
function unknownParts(manifest: Manifest): Readonly<Record<string, string>> {
  const sections = jsonOf(manifest);
  const files = Object.entries(manifest.files).filter(([path]) => isOfUnknownPart(path));
  const names = new Set(files.map(([path]) => partOf(path)));
  return Object.fromEntries(
    [...names].map((name) => {
      const digests = files
        .filter(([path]) => partOf(path) === name)
        .map(([path, { sha256 }]) => [path, sha256]);
      return [name, sha256Hex(canonicalJson([digests, sections[name] ?? null]))];
    }),
  );
}

/**
 * What a derived snapshot's manifest starts from: all but format, files and checksum. The section of an unknown part
 * goes with it; other unknown keys stay behind, since nobody here can tell whether they would still be true.
 */
export function contentOf(manifest: Manifest): ManifestContent {
  const { id, basis, parent, inputs, model, users, index, metrics } = manifest;
  const known = { id, basis, parent, inputs, model, users, index, metrics };
  const parts = unknownParts(manifest);
  const sections = Object.entries(jsonOf(manifest)).filter(
    ([name]) => Object.hasOwn(parts, name) && !Object.hasOwn(known, name),
  );
  return { ...Object.fromEntries(sections), ...known };
}

function partOf(path: string): string {
  return path.split('/', 1)[0]!;
}
