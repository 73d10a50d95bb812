/** What `recommend --all` writes, whatever makes the answers: by the model's score, or as a recipe says. */
import type { RankedBatch } from '../../search/ranked-batch.js';
import type { JsonValue } from '../../snapshot/canonical-json.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import type { OpenUsers } from '../open-users.js';
import type { Catalogue } from '../../store/catalogue.js';
import type { IdSource, RankingEncoder, RankingFormat } from '../../tables/ranking-encoder.js';

/** Who is asked for, and how it is to be written. */
export interface AskedForUsers {
  readonly snapshot: OpenSnapshot;
  readonly users: OpenUsers;
  readonly catalogue: Catalogue;
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
  /** Everything that the answers depend on, beside the snapshot and who is asked for. */
  readonly identity: Readonly<Record<string, JsonValue>>;
  /** The answers of the users of these rows, the first of whom has the place `from`. Memory that the next call leaves alone. */
  rank(from: number, rows: Uint32Array): Promise<RankedBatch>;
  /** What is to be said once all are written. */
  tell(): void;
  close(): Promise<void>;
}
