/** What `evaluate` prints: how the split was made, the models side by side, and where targets are found. */
import type { DecileQuality, Evaluated, EvaluateResult, Interval } from '../../core/tasks/evaluate.js';
import { drawReport, type Fact } from '../terminal/facts.js';
import { count, counted, duration, fixed, percent } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import { safeText } from '../terminal/safe-text.js';
import type { Screen } from '../terminal/screen.js';
import { drawTable, type Column } from '../terminal/table.js';

export async function drawEvaluation(result: EvaluateResult, screen: Screen): Promise<string> {
  const { split, results, recallOver } = result;
  const names = results.map(({ name }) => name);
  const first = headlines(result)[0] ?? '';
  const { train } = split;
  const of = `${counted(result.bootstrap, 'resample')}; +x is over ${String(names.at(-1))}, user by user`;
  const facts: Fact[] = [
    ['split', splitInWords(split)],
    [
      'measured',
      `${counted(split.users, 'user')}, ${counted(split.targets, 'target')}${split.cold === undefined ? '' : ', all seeds together'}`,
    ],
    [
      split.cold === undefined ? 'trained on' : `with seed ${String(split.seed)}`,
      train === null
        ? undefined
        : `${counted(train.pairs, 'pair')} of ${counted(train.users, 'user')} and ${counted(train.items, 'item')}`,
    ],
    ['item features', split.cold === undefined ? undefined : featuresInWords(split.cold)],
    ['recall@k', recallOver === 'targets' ? 'hits / targets' : 'hits / min(k, targets)'],
    ['±', result.bootstrap === 0 ? undefined : `half the 95 % interval over users, of ${of}`],
  ];
  return [
    drawReport(`Measured ${listed(names)} in ${duration(result.seconds)}`, facts, screen),
    '',
    await drawTable(results, metricColumns(result), screen),
    '',
    ...(split.cold === undefined
      ? [
          paragraph(`${first.replace(/^\S+@/, 'recall@')} by popularity of the targets`, screen, 'bold'),
          await drawTable(decileRows(results), decileColumns(result), screen),
        ]
      : [
          paragraph(`${first} by seed`, screen, 'bold'),
          await drawTable(results, seedColumns(result, first), screen),
        ]),
  ].join('\n');
}

/** The names where they are few and short. */
function listed(names: readonly string[]): string {
  const [last = '', ...others] = names.map(safeText).reverse();
  const before = others.reverse().join(', ');
  return `${before.length <= longestList ? before : counted(others.length, 'candidate')} and ${last}`;
}

const longestList = 30;

function featuresInWords({ used, leftOut }: NonNullable<EvaluateResult['split']['cold']>): string {
  const taken = used.map(({ name, as, features }) => `${safeText(name)} (${count(features)} ${as})`);
  const others = leftOut.map(({ name, why }) => `; not ${safeText(name)}: ${why}`);
  return `${taken.length === 0 ? 'none' : taken.join(', ')}${others.join('')}`;
}

function splitInWords({
  kind,
  part,
  seed,
  testShare,
  heldOutUsers,
  splitAt,
  cold,
}: EvaluateResult['split']): string {
  const ofPart = part === 'valid' ? ', the validation part' : '';
  const drawn = seed === null ? '' : ` (seed ${String(seed)})`;
  switch (kind) {
    case 'strong':
      return `strong generalisation: ${counted(heldOutUsers ?? 0, 'user')} held out, ${percent(1 - (testShare ?? 0))} of each one’s items folded in${ofPart}${drawn}`;
    case 'random':
      return `${percent(testShare ?? 0)} of each user’s items, at random${ofPart}${drawn}`;
    case 'leave-last-out':
      return `the last item of each user${ofPart}`;
    case 'cold-items':
      return `${percent(testShare ?? 0)} of the items with five users or more${ofPart}: ${count(cold?.seeds[0]?.items ?? 0)} new items, ranked among themselves; means of ${String(cold?.seeds.length)} seeds`;
    case 'temporal':
      return `trained on events before ${String(splitAt)}, measured on those after`;
    default:
      return `as given by the files${ofPart}`;
  }
}

/** The metrics as papers on such a split report them: those first that stay on a narrow terminal. */
function headlines({ at, recallOver, split }: EvaluateResult): string[] {
  const shortest = split.kind === 'cold-items' && at.includes(20) ? 20 : at[0];
  const first =
    recallOver === 'min-k'
      ? [`recall@${String(at.includes(20) ? 20 : shortest)}`, `ndcg@${String(at.at(-1))}`]
      : [`recall@${String(shortest)}`, `ndcg@${String(shortest)}`];
  const others = [
    ...at.flatMap((k) => [`recall@${String(k)}`, `ndcg@${String(k)}`]),
    ...['hit-rate', 'map', 'mrr'].map((name) => `${name}@${String(shortest)}`),
  ];
  return [...first, ...others.filter((name) => !first.includes(name))];
}

function metricColumns(result: EvaluateResult): Column<Evaluated>[] {
  const [first = '', second = '', ...others] = headlines(result);
  const [shortest] = result.at;
  const column = (name: string, optional: boolean): Column<Evaluated> => ({
    head: name,
    cell: ({ metrics, intervals }) => `${fraction(metrics[name])}${halfWidth(intervals[name])}`,
    align: 'right',
    optional,
  });
  const plain = (name: string, cell: (value: number) => string): Column<Evaluated> => ({
    head: name,
    cell: ({ metrics }) => cell(metrics[name] ?? 0),
    align: 'right',
    optional: true,
  });
  return [
    { head: 'model', cell: ({ name }) => name, atLeast: 8 },
    column(first, false),
    column(second, false),
    {
      head: `+${first}`,
      cell: ({ overBaseline }) => {
        const over = overBaseline[first];
        if (over === undefined) return '';
        const sign = over.difference < 0 ? '−' : '+';
        return `${sign}${fraction(Math.abs(over.difference))}${halfWidth(over.interval ?? undefined)}`;
      },
      align: 'right',
      optional: true,
    },
    ...others.map((name) => column(name, true)),
    plain(`coverage@${String(shortest)}`, percent),
    plain(
      `popularity-lift@${String(shortest)}`,
      (lift) => `${lift < 0 ? '−' : '+'}${percent(Math.abs(lift))}`,
    ),
    {
      head: 'seconds',
      cell: ({ seconds }) => (seconds.train + seconds.rank).toFixed(2),
      align: 'right',
      optional: true,
    },
  ];
}

/** A column a seed, and how far apart they are. */
function seedColumns({ split }: EvaluateResult, name: string): Column<Evaluated>[] {
  const values = ({ seeds = [] }: Evaluated): number[] => seeds.map(({ metrics }) => metrics[name] ?? 0);
  const column = (head: string, value: (all: readonly number[]) => number): Column<Evaluated> => {
    return { head, cell: (row) => fraction(value(values(row))), align: 'right' };
  };
  return [
    { head: 'model', cell: (row) => row.name, atLeast: 8 },
    ...(split.cold?.seeds ?? []).map(({ seed }, at) => column(`seed ${String(seed)}`, (all) => all[at] ?? 0)),
    column('spread', (all) => Math.max(...all) - Math.min(...all)),
  ];
}

interface DecileRow extends Omit<DecileQuality, 'metrics'> {
  readonly recalls: readonly Readonly<Record<string, number>>[];
}

/** A row a decile, with what each result has there: all have the same targets. */
function decileRows(results: readonly Evaluated[]): DecileRow[] {
  return (results[0]?.deciles ?? []).map(({ decile, fewestUsers, mostUsers, targets }, row) => ({
    ...{ decile, fewestUsers, mostUsers, targets },
    recalls: results.map(({ deciles }) => deciles[row]?.metrics ?? {}),
  }));
}

function decileColumns(result: EvaluateResult): Column<DecileRow>[] {
  const k = (headlines(result)[0] ?? '').replace(/^\S+@/, '');
  const recall = (row: DecileRow, index: number): number => row.recalls[index]?.[`recall@${k}`] ?? 0;
  return [
    {
      head: 'users an item',
      cell: ({ fewestUsers, mostUsers }) =>
        fewestUsers === mostUsers ? count(mostUsers) : `${count(fewestUsers)}–${count(mostUsers)}`,
      align: 'right',
    },
    { head: 'targets', cell: ({ targets }) => count(targets), align: 'right', optional: true },
    ...result.results.map(({ name }, index): Column<DecileRow> => ({
      head: shortName(name, index),
      cell: (row) => fraction(recall(row, index)),
      align: 'right',
      atLeast: 6,
      optional: index > 1,
      ...(index === 0 ? { bar: (row: DecileRow): number => recall(row, index) } : {}),
    })),
  ];
}

/** Of a long name its beginning, and which row of the table above it is. */
function shortName(name: string, index: number): string {
  const safe = safeText(name);
  return safe.length <= longestHead
    ? safe
    : `${safe.replace(/[^a-z0-9].*$/is, '').slice(0, 8)} #${index + 1}`;
}

const longestHead = 12;

/** 0.1871 → .1871 */
function fraction(value = 0): string {
  return fixed(value, 4).replace(/^0/, '');
}

function halfWidth(interval: Interval | undefined): string {
  return interval === undefined ? '' : ` ±${fraction((interval[1] - interval[0]) / 2)}`;
}
