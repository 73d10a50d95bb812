/**
 * manifest.json: what a snapshot is, what it was made from, and the size and sha256 of each of its files. Written
 * last, never changed. Its own bytes are covered by its `checksum`.
 */
import type {
  Count,
  LedgerId,
  MemberName,
  NonNegative,
  Positive,
  Sha256,
  Share,
  SnapshotId,
} from '../contracts.js';
import { sha256Hex, type FileDigest } from '../files/sha256.js';
import { canonicalJson, canonicalJsonLines, type JsonValue } from './canonical-json.js';
import { shardDirectory } from './layout.js';
import { formatVersion } from './snapshot-id.js';

export const manifestFormat = 'segue-snapshot';

/** Every effective option, by flag name. */
export type ManifestOptions = Readonly<Record<string, JsonValue>>;

export interface InteractionsInput {
  readonly sha256: Sha256;
  readonly events: Count;
  readonly users: Count;
  readonly items: Count;
  readonly pairs: Count;
  /** ISO 8601 UTC; null where the events had no times. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
}

/** What the model's artists are, or its albums. */
export interface KindSection {
  /** Changed whenever the same items would make others, or other vectors. */
  readonly version: Positive;
  /** How many there are in the catalogue, and how many have a vector: those of whom something was played. */
  readonly rows: Positive;
  readonly vectors: Positive;
}

/** The second member of a blend, as a model of its own would have it; `options` say how it weighs a history. */
export interface BlendSection {
  readonly name: string;
  readonly algorithmVersion: Count;
  readonly scorer: string;
  readonly options: ManifestOptions;
  readonly parameters?: ManifestOptions;
}

export interface ModelSection {
  readonly name: string;
  readonly algorithmVersion: Count;
  /** How a user and an item make a score: 'inner-product' … */
  readonly scorer: string;
  /** How a history becomes a user's vector: 'normal-equations' … */
  readonly fold: string;
  readonly engine: string;
  readonly seed: Count;
  readonly dim: Count;
  readonly options: ManifestOptions;
  /** What training took from its data and a fold-in needs beside the options, by name; absent where that is nothing. */
  readonly parameters?: ManifestOptions;
  /** Of a blend: its second member. The other keys are of the first one, or of both together: name, scorer, blend-weight. */
  readonly blend?: BlendSection;
  /** The Unicode version whose case folding the name look-ups use. */
  readonly caseFolding: string;
  /** Kinds beside the items that have vectors, by name; absent where there is none. */
  readonly kinds?: Readonly<Record<string, KindSection>>;
  /** Of format version 4: the last of the items with vectors, which were not trained but made from columns. */
  readonly added?: AddedSection;
}

/** Items that came after the training, with vectors made from their columns. */
export interface AddedSection {
  readonly rows: Positive;
  /** Of what they were made from: their tables, and which columns. */
  readonly sha256: Sha256;
}

export interface UsersSection {
  readonly rows: Count;
  /** Users whose fold-in stopped at its step limit. */
  readonly unconverged: Count;
  /** How many have the vector that was imported for them; absent where there are none. */
  readonly imported?: Positive;
  readonly options: ManifestOptions;
  /** Of format version 3: the shards that users are in, a power of two of them. */
  readonly shards?: readonly ShardSection[];
}

/** Some of the users: those of whose ids a hash is the shard's number. */
export interface ShardSection {
  readonly rows: Count;
  readonly pairs: Count;
  /** `shardDigest` of its files. */
  readonly sha256: string;
}

export interface IndexSection {
  readonly kind: string;
  readonly encoding: string;
  readonly lists: Count;
  /** Lists scanned for a query. */
  readonly probes: Count;
  readonly targetRecall: number;
  /** Measured against the exact scan on `sampled` items. */
  readonly recallAt10: number;
  readonly sampled: Count;
  /** Its 95 % interval for all items. Absent in what older versions made. */
  readonly recallInterval?: readonly [Share, Share];
  /** Regions further than the best list found by more than this are not looked into. Absent in what older versions made. */
  readonly regionGap?: NonNegative;
  /** The same, measured for the hundred nearest. */
  readonly at100?: MeasuredProbes;
  readonly options: ManifestOptions;
}

export interface MeasuredProbes {
  readonly probes: Count;
  readonly regionGap: NonNegative;
  readonly recall: Share;
  readonly recallInterval: readonly [Share, Share];
  readonly sampled: Count;
}

/** What its writer knows of a shard. */
export type WrittenShard = Omit<ShardSection, 'sha256'>;

/** What its maker knows of a snapshot before its files are sealed. */
export interface ManifestContent {
  readonly id: string;
  /** The id of the training that all vectors come from. */
  readonly basis: SnapshotId;
  /** The snapshot whose files were inherited. */
  readonly parent: SnapshotId | null;
  readonly inputs: {
    readonly interactions: InteractionsInput;
    readonly items: { readonly sha256: Sha256; readonly rows: Count } | null;
    /** What was imported, as f32 [rows × dim] little-endian; absent of a training. */
    readonly vectors?: { readonly sha256: Sha256; readonly rows: Count };
    readonly userVectors?: { readonly sha256: Sha256; readonly rows: Count };
    /** Up to which entry of which ledger the events were exported from it; absent where they were not. */
    readonly feedback?: { readonly ledger: LedgerId; readonly seq: Count };
  };
  readonly model: ModelSection;
  readonly users: UsersSection | null;
  /** By kind of item; 'item' is the trained one. */
  readonly index: { readonly item: IndexSection } | null;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface Manifest extends ManifestContent {
  readonly format: typeof manifestFormat;
  readonly formatVersion: number;
  /** By path relative to the snapshot, with '/'. */
  readonly files: Readonly<Record<string, FileDigest>>;
  /** sha256 of the canonical JSON of everything else. */
  readonly checksum: string;
}

/** The format version of a snapshot whose users are in shards. */
export const largeVersion = 3;

/**
 * The format version of a snapshot whose items are not all trained, with or without shards: a fold-in counts only those that
 * are, which an older segue does not know.
 */
export const addedVersion = 4;

/** The format version of a bundle's manifest: a segue from before there were bundles says that it is a newer one. */
export const bundleVersion = 2;

export interface Member {
  /** What readers call it. */
  readonly as: MemberName;
  /** Its id. */
  readonly snapshot: SnapshotId;
}

export interface BundleManifest {
  readonly format: typeof manifestFormat;
  readonly formatVersion: typeof bundleVersion;
  readonly id: string;
  /** In the order in which they were named: the first is what is read where no name is asked for. */
  readonly members: readonly Member[];
  /** None: a bundle's only file is its manifest. */
  readonly files: Readonly<Record<string, never>>;
  /** sha256 of the canonical JSON of everything else. */
  readonly checksum: string;
}

/** What a manifest.json can be of. */
export type AnyManifest = Manifest | BundleManifest;

/**
 * The manifest of a snapshot with these files.
 * @param shards that its users were written into; undefined where they are in one part, or those of another snapshot
 */
export function completeManifest(
  content: ManifestContent,
  digests: ReadonlyMap<string, FileDigest>,
  shards?: readonly WrittenShard[],
): Manifest {
  const files = Object.fromEntries(digests);
  const digested = shards?.map((shard, at) => ({ ...shard, sha256: shardDigest(files, at) }));
  const users =
    content.users === null || digested === undefined ? content.users : { ...content.users, shards: digested };
  const unsigned = {
    ...content,
    users,
    format: manifestFormat,
    formatVersion: versionOf(content.model, users),
    files,
  } as const;
  return { ...unsigned, checksum: checksumOf(unsigned) };
}

function versionOf({ added }: ModelSection, users: UsersSection | null): number {
  if (added !== undefined) return addedVersion;
  return users?.shards === undefined ? formatVersion : largeVersion;
}

/** Items that were trained: the first of those that have vectors. */
export function numTrained({ inputs, model }: Pick<Manifest, 'inputs' | 'model'>): number {
  return inputs.interactions.items - (model.added?.rows ?? 0);
}

/** sha256 of the canonical JSON of a shard's files: what a manifest says of them, by their paths in the shard. */
export function shardDigest(files: Manifest['files'], shard: number): string {
  const below = shardDirectory(shard);
  const own = Object.entries(files).filter(([path]) => path.startsWith(below));
  const digests = own.map(
    ([path, { bytes, sha256 }]) => [path.slice(below.length), { bytes, sha256 }] as const,
  );
  return sha256Hex(canonicalJson(Object.fromEntries(digests)));
}

/** The text of manifest.json; the same value has the same bytes. */
export function manifestText(manifest: AnyManifest): string {
  return canonicalJsonLines(jsonOf(manifest));
}

type Unsigned = Omit<Manifest, 'checksum'> | Omit<BundleManifest, 'checksum'>;

/** The checksum that belongs to a manifest, whatever it says itself. */
export function checksumOf(manifest: Unsigned): string {
  return sha256Hex(canonicalJson({ ...jsonOf(manifest), checksum: undefined }));
}

/** A manifest is made of JSON values only; interfaces lack the index signature that would say so. */
export function jsonOf(manifest: Unsigned): Readonly<Record<string, JsonValue>> {
  return manifest as unknown as Readonly<Record<string, JsonValue>>;
}
