/** The numbers that a gate can ask for: what is measured for which, and the table of docs/reference/publishing.md. */

export interface NumberRow {
  /** A manifest states it, the snapshot is measured, or compared with what is current, or the members of a bundle are. */
  readonly from: 'manifest' | 'measured' | 'compared' | 'members';
  readonly names: readonly string[];
  readonly text: string;
  /** Of others of its kind; absent where the names are all. */
  readonly form?: RegExp;
  /** What it is compared by, beside the items. */
  readonly by?: readonly ('users' | 'neighbours' | 'vectors' | 'recommendations')[];
  /** What a manifest without it needs. */
  readonly remedy?: string;
}

type More = Pick<NumberRow, 'form' | 'by' | 'remedy'>;
const rows =
  (from: NumberRow['from']) =>
  (names: string, text: string, more: More = {}): NumberRow => ({
    ...{ from, names: names.split(' '), text },
    ...more,
  });
const [manifest, measured, compared, members] = [
  rows('manifest'),
  rows('measured'),
  rows('compared'),
  rows('members'),
];

const byRecommendations = { by: ['users', 'vectors', 'recommendations'] } as const;
const heldOut = 'train --holdout measures ndcg@100, recall@20 and recall@50';

export const gateNumbers: readonly NumberRow[] = [
  manifest('users items interactions events', 'what the model learned from'),
  manifest('recall@10', 'recall of the index', { remedy: 'build-index measures it' }),
  manifest('ndcg@100 recall@20', 'metrics of what was held out', {
    form: /^(?:ndcg|recall|map|mrr|hit-rate)@\d+$/,
    remedy: heldOut,
  }),
  manifest('lists probes target-recall', 'options of the index'),
  manifest(
    'bytes catalogue unconverged',
    'of all files; rows of `--items`; users whose fold-in stopped at its limit',
  ),
  manifest('dim loss epochs factors reg', 'the loss, and any option of the training that is a number', {
    form: /^[a-z][a-z-]*$/,
  }),
  measured('coverage@10', 'share of the items among the first 10 (up to 1,000) recommendations of any user', {
    form: /^coverage@[1-9]\d{0,3}$/,
  }),
  measured(
    'first-neighbour-events@50',
    'the least [events](neighbours.md#neighbours-of-few-events) of a first neighbour of the 50 (up to 9,999) items of most events; 0: one has none',
    { form: /^first-neighbour-events@[1-9]\d{0,3}$/ },
  ),
  compared('overlap@10 overlap@10.all rbo rbo.all', 'how far neighbours are the same', {
    by: ['neighbours'],
  }),
  compared('items.added items.removed items.common', 'items that only one of both has, or both'),
  compared('users.added users.removed users.common', 'the same of users', { by: ['users'] }),
  compared('change.users change.items change.interactions', 'how much these, or a metric, grew', {
    form: /^change\./,
  }),
  compared(
    'recommendations.overlap@10 recommendations.rbo',
    'how far recommendations are the same',
    byRecommendations,
  ),
  compared('drift.meanCosine drift.p10Cosine drift.residual', 'how far vectors are the same', {
    by: ['vectors'],
  }),
  compared(
    'skew.matched skew.mixed skew.rotated skew.lost',
    'the cost of mixing two snapshots',
    byRecommendations,
  ),
  members(
    'members.sharedUsers members.sharedItems',
    'of the users (items) of the largest, the share that all know',
  ),
  members('members.daysApart', 'days between the latest events of the newest and of the oldest'),
  members(
    'members.added members.removed members.changed',
    'names against those of `current`; 0 of what is no bundle',
  ),
];

/** The row of a name; undefined for one that no snapshot has. */
export function findNumber(name: string): NumberRow | undefined {
  const named = gateNumbers.find(({ names }) => names.includes(name));
  return named ?? gateNumbers.find(({ form }) => form?.test(name) === true);
}

export function namesFrom(from: NumberRow['from']): readonly string[] {
  return gateNumbers.flatMap((row) => (row.from === from ? row.names : []));
}
