/** `recommend --why-not`: why an item is not among the recommendations, or where it is. */
import { ungrouped, type Cap } from '../search/capped-ranking.js';
import { complement, hasRow, intersection, rowSetOf, type RowSet } from '../search/row-set.js';
import type { Count, Pairs, Positive, Rank, Some, Text } from '../contracts.js';
import { isTime, noTime } from '../numeric/pairs.js';
import type { RankedRow } from '../numeric/top-k.js';
import type { Kind } from '../snapshot/kinds.js';
import type { ExplainedScores } from './scoring/scorer.js';
import type { Catalogue } from '../store/catalogue.js';
import type { Asking, Exclusions, Objection } from './exclusions.js';
import { opinionOf } from './explain-recommendations.js';
import type { Filter } from './filters/selection.js';

/**
 * - `no-vector`: the catalogue lists it, but nobody played it;
 * - `banned`, `disliked`, `heard`, `liked`: their history, or the query, says so;
 * - `hidden`: nobody is shown it;
 * - `excluded`, `filtered`: a flag of the query leaves it out;
 * - `capped`: it has a score good enough, but --max-per-artist of its artist's items stand before it;
 * - `outranked`: others have better scores;
 * - `recommended`: it is there.
 */
export type Absence =
  | 'no-vector'
  | 'banned'
  | 'disliked'
  | 'heard'
  | 'liked'
  | 'hidden'
  | 'excluded'
  | 'filtered'
  | 'capped'
  | 'outranked'
  | 'recommended';

export interface WhyNot {
  readonly id: Text;
  readonly name: Text;
  /** The first of `reasons`. */
  readonly reason: Absence;
  /** All that hold; each alone would keep it away. */
  readonly reasons: Some<Absence>;
  /** The flags of the question that leave it out. */
  readonly flags: readonly LeavingFlag[];
  /** Their events with it, and the latest one's time, ISO 8601 UTC; 0 and null where there are none. */
  readonly plays: Count;
  readonly lastAt: string | null;
  /** Its place among all that may be recommended, or would be its place if it might be; null where it has no score. */
  readonly rank: Rank | null;
  /** How many may be recommended, itself included. */
  readonly of: Positive;
  readonly score: number | null;
  /** The score of the last recommendation; null where there are fewer than were asked for. */
  readonly kthScore: number | null;
}

/** What was asked, and answered. */
export interface Answered extends Asking {
  /** What was asked for: its rows are those of everything here but the history. */
  readonly kind: Kind;
  /** Of that kind. */
  readonly exclusions: Exclusions;
  /** Rows that have scores. */
  readonly numItems: number;
  readonly k: number;
  /** Best first. */
  readonly ranked: readonly RankedRow[];
  /** Rows that --exclude names, and `hidden`. */
  readonly excluded: Uint32Array;
  readonly hidden: readonly number[];
  /** Rows that the search left out: some of the history, and `excluded`. */
  readonly leftOut: Uint32Array;
  /** Rows that the other flags let through, all of them together (undefined: all rows) and each of them. */
  readonly among: RowSet | undefined;
  readonly filters: readonly Filter[];
  /** How often an artist may stand in `ranked`; undefined: as often as there are items. */
  readonly cap: Cap | undefined;
}

/** An item asked about: its score, and how many that may be recommended have a better one. */
interface Placed {
  score: number;
  better: number;
}

/**
 * One answer a row, in their order. Ranks are exact: all scores are visited twice, for those of the items asked about and
 * to count the better ones. Cost: numItems · (2 · the model's cost of a score + rows).
 */
export function whyNot(
  rows: readonly number[],
  answered: Answered,
  scores: ExplainedScores,
  catalogue: Catalogue,
): WhyNot[] {
  const { among, numItems, ranked, k, kind, exclusions, history } = answered;
  const others = complement(rowSetOf(numItems, answered.leftOut));
  const allowed = among === undefined ? others : intersection(among, others);
  const placed = placesOf(rows, allowed, scores);
  const kthScore = ranked.length < k ? null : (ranked.at(-1)?.score ?? null);
  return rows.map((row) => {
    const { id, name } = catalogue.record(kind, row);
    const objections = exclusions.objections(row, answered);
    const reasons = reasonsOf(row, objections, answered, placed.get(row)?.score);
    const place = placed.get(row);
    const known = place === undefined || Number.isNaN(place.score) ? undefined : place;
    return {
      ...{ id, name, reason: reasons[0] ?? 'outranked', reasons, flags: flagsAgainst(row, answered) },
      ...playsOf(history, exclusions.pairsWith(row, history)),
      rank: known === undefined ? null : known.better + 1,
      of: allowed.count + (hasRow(allowed, row) ? 0 : 1),
      score: known?.score ?? null,
      kthScore,
    };
  });
}

/** Their events with some of their items, and the latest one's time. */
function playsOf(history: Pairs, pairs: readonly number[]): Pick<WhyNot, 'plays' | 'lastAt'> {
  const timeOf = (p: number): bigint => history.lastAt[p] ?? noTime;
  const timed = pairs.filter((p) => isTime(timeOf(p)));
  const latest = timed.reduce<number | undefined>(
    (last, p) => (last === undefined || timeOf(p) > timeOf(last) ? p : last),
    undefined,
  );
  return {
    plays: pairs.reduce((sum, p) => sum + (history.count[p] ?? 0), 0),
    lastAt: latest === undefined ? null : opinionOf(history, latest, false).lastAt,
  };
}

/** By row; rows that have no score are left out. */
function placesOf(rows: readonly number[], allowed: RowSet, scores: ExplainedScores): Map<number, Placed> {
  const placed = new Map<number, Placed>();
  scores.visit((first, values) => {
    for (const row of rows) {
      const score = values[row - first];
      if (row >= first && score !== undefined) placed.set(row, { score, better: 0 });
    }
  });
  scores.visit((first, values) => {
    for (const [row, place] of placed) {
      // As every ranking has it: by score descending, then row ascending.
      for (let at = 0; at < values.length; at++) {
        const score = values[at] ?? NaN;
        const isBefore = score > place.score || (score === place.score && first + at < row);
        if (isBefore && hasRow(allowed, first + at)) place.better++;
      }
    }
  });
  return placed;
}

function reasonsOf(
  row: number,
  objections: readonly Objection[],
  answered: Answered,
  score: number | undefined,
): Absence[] {
  const { among, numItems, ranked } = answered;
  if (row >= numItems) return ['no-vector'];
  const reasons: Absence[] = [...objections];
  if (answered.hidden.includes(row)) reasons.push('hidden');
  else if (answered.excluded.includes(row)) reasons.push('excluded');
  if (among !== undefined && !hasRow(among, row)) reasons.push('filtered');
  if (reasons.length > 0) return reasons;
  if (ranked.some((entry) => entry.row === row)) return ['recommended'];
  return [isCapped(row, score ?? NaN, answered) ? 'capped' : 'outranked'];
}

/** Whether a row that is not in the ranking was passed over there, and not only behind its end. */
function isCapped(row: number, score: number, { cap, k, ranked }: Answered): boolean {
  const last = ranked.at(-1);
  const group = cap?.groupOf[row] ?? ungrouped;
  if (cap === undefined || last === undefined || group === ungrouped) return false;
  const isBehind = score < last.score || (score === last.score && row > last.row);
  if (isBehind && ranked.length === k) return false;
  return ranked.filter((entry) => cap.groupOf[entry.row] === group).length >= cap.most;
}

/** As answers have always named them. */
const flagOf = { where: '--where', only: '--only', excludeFrom: '--exclude-from' } as const;
type LeavingFlag = '--exclude' | (typeof flagOf)[keyof typeof flagOf];

function flagsAgainst(row: number, { numItems, excluded, hidden, filters }: Answered): LeavingFlag[] {
  const against = filters.filter(({ rows }) => row < numItems && !hasRow(rows, row));
  const isNamed = excluded.includes(row) && !hidden.includes(row);
  return [...(isNamed ? (['--exclude'] as const) : []), ...against.map(({ option }) => flagOf[option])];
}
