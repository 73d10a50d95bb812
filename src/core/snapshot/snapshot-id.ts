/**
 * Ids: the first 16 hex digits of a sha256 over what a snapshot is made from. Threads, tags, clocks, hosts and paths
 * are not among it, so the same making has the same id everywhere.
 */
import { sha256Hex } from '../files/sha256.js';
import { canonicalJson, type JsonValue } from './canonical-json.js';

/** The version of the snapshot format that this code writes, and the newest one it reads. */
export const formatVersion = 1;

export interface TrainingIdentity {
  readonly interactionsSha256: string;
  /** null without a catalogue. */
  readonly itemsSha256: string | null;
  readonly model: string;
  readonly algorithmVersion: number;
  readonly engine: string;
  readonly seed: number;
  /** Every effective option, by flag name. */
  readonly options: Readonly<Record<string, JsonValue>>;
  /** The kinds that are made beside the items, by name, and the version of how; empty or left out where there is none. */
  readonly kinds?: Readonly<Record<string, number>>;
}

/** The id of a training: the basis of everything made from it. */
export function trainingId(identity: TrainingIdentity): string {
  const { kinds = {} } = identity;
  return idOf({
    formatVersion,
    interactions: identity.interactionsSha256,
    items: identity.itemsSha256,
    model: identity.model,
    algorithmVersion: identity.algorithmVersion,
    engine: identity.engine,
    seed: identity.seed,
    options: identity.options,
    // Without any, the id is what it was before there were kinds.
    ...(Object.keys(kinds).length === 0 ? {} : { kinds }),
  });
}

/**
 * The id of a snapshot that adds parts to a training, whatever the order in which they were added: by part, its
 * options and the hash of what it was made from.
 */
export function derivedId(basis: string, parts: Readonly<Record<string, JsonValue>>): string {
  return idOf({ formatVersion, basis, parts });
}

function idOf(identity: JsonValue): string {
  return sha256Hex(canonicalJson(identity)).slice(0, 16);
}
