/** What `recommend --all` writes, whatever makes the answers: by the model's score, or as a recipe says. */
import type { RankedBatch } from '../../search/ranked-batch.js';
import type { JsonValue } from '../../snapshot/canonical-json.js';
import { idsOfKind } from './ranking-files.js';
import type { KnownUsers } from '../known-users.js';
import type { Recommender } from '../open-recommender.js';
import type { Limits } from '../exclusions.js';
import type { RankedKind } from '../ranked-kind.js';
import type { ColumnPart } from '../recipes/parts.js';
import {
  commandKey,
  type IdSource,
  type RankingEncoder,
  type RankingFormat,
  type TableOptions,
} from '../../tables/ranking-encoder.js';

/** Who is asked for, and how it is to be written. */
export interface AskedForUsers {
  readonly recommender: Recommender;
  /** As all answers see them. */
  readonly users: KnownUsers;
  /** Ids by place. */
  readonly subjects: IdSource;
  readonly format: RankingFormat;
  /** JSON text of a value. */
  readonly json: (value: unknown) => string;
}

export interface AnswersForUsers {
  readonly encoder: RankingEncoder;
  /** Users of a block; the last one may have fewer. */
  readonly subjectsAtOnce: number;
  /** How many blocks may be ranked at a time, the next ones while one is waited for: 1 where it is not said. */
  readonly blocksAhead?: (() => number) | undefined;
  /** Everything that the answers depend on, beside the snapshot and who is asked for. */
  readonly identity: Readonly<Record<string, JsonValue>>;
  /** The answers of the users of these rows, the first of whom has the place `from`. Memory that the next call leaves alone. */
  rank(from: number, rows: Uint32Array): Promise<RankedBatch>;
  /** What is to be said once all are written. */
  tell(): void;
  close(): Promise<void>;
}

/** What a file says of its answers beside what all have. */
interface Said {
  readonly recipe?: string;
  /** Of the recipe: the parts that this snapshot has no column for. */
  readonly leftOut?: readonly ColumnPart[];
  readonly asOf?: string | null;
  readonly where?: string | undefined;
  readonly maxPerArtist?: number | undefined;
}

/** The table of answers of a kind: its columns, ids, and what the file says of them. */
export function tableOfAnswers(
  { recommender, subjects }: AskedForUsers,
  kind: RankedKind,
  { k, includeHeard, excluded }: Pick<Limits, 'k' | 'includeHeard' | 'excluded'>,
  { recipe, leftOut = [], asOf, where, maxPerArtist }: Said,
): TableOptions {
  const { snapshot } = recommender;
  const catalogue = recommender.catalogue();
  const ids = Array.from(excluded, (row) => catalogue.record(kind.name, row).id);
  const said: [string, string | number | boolean | null | undefined][] = [
    [commandKey, 'recommend'],
    ['segue.snapshot', snapshot.id],
    ['segue.basis', snapshot.basis],
    ['segue.model', snapshot.manifest.model.name],
    ['segue.kind', kind.name],
    ['segue.recipe', recipe],
    ['segue.left-out', leftOut.length === 0 ? undefined : JSON.stringify(leftOut)],
    ['segue.k', k],
    ['segue.include-heard', includeHeard],
    ['segue.exclude', JSON.stringify(ids)],
    ['segue.as-of', asOf],
    ['segue.where', where],
    ['segue.max-per-artist', maxPerArtist],
  ];
  return {
    columns: { subject: 'user', found: kind.name, score: 'score' },
    subjects,
    found: idsOfKind(snapshot, kind.files, kind.numRows),
    nameOf: (row) => catalogue.record(kind.name, row).name,
    metadata: new Map(
      said.flatMap(([key, value]) => ((value ?? null) === null ? [] : [[key, String(value)] as const])),
    ),
  };
}
