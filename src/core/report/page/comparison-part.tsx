/** @jsxImportSource preact */
import type { VNode } from 'preact';
import { Histogram, type Bin } from '../../../figures/histogram.js';
import { IntervalBars } from '../../../figures/interval-bars.js';
import { LineChart } from '../../../figures/line-chart.js';
import type { ItemRecord } from '../../contracts.js';
import type { ComparedSnapshots, Difference } from '../../comparison/compare-snapshots.js';
import {
  cameAndWent,
  dataInWords,
  differingSettings,
  direction,
  heldOutOfOtherData,
  legends,
  likenesses,
  relativeChange,
  share,
  valuesApart,
  withoutNeighbours,
} from '../../comparison/difference-in-words.js';
import { count, counted, decimals, fixed, percent } from '../../number-text.js';
import type { ReportData } from '../gather-report.js';
import { Facts, Figures, Note, Section, Table, titleOf } from './page-parts.js';
import { number, words, type ReportFigure } from './report-figure.js';

export function comparisonFigures({ comparison }: ReportData): ReportFigure[] {
  if (comparison === null) return [];
  const { difference, overlaps, cosines, userOverlaps } = comparison;
  return [
    ...likenessFigure(difference),
    ...overlapFigure(overlaps, {
      name: 'neighbour-overlap',
      title: 'Neighbours that stayed',
      caption: `Of ${counted(overlaps.length, 'item')}: how many of the ten nearest are the same in both.`,
      x: 'of 10 neighbours the same',
      y: 'items',
    }),
    ...decileFigure(difference),
    ...cosineFigure(cosines, difference),
    ...overlapFigure(userOverlaps, {
      name: 'recommendation-overlap',
      title: 'Recommendations that stayed',
      caption: `Of ${counted(userOverlaps.length, 'user')}: how many of the first ten recommendations are the same in both.`,
      x: 'of 10 recommendations the same',
      y: 'users',
    }),
    ...skewFigure(difference),
  ];
}

function likenessFigure(difference: Difference): ReportFigure[] {
  const rows = likenesses(difference);
  if (rows.length === 0) return [];
  return [
    {
      name: 'likeness',
      title: 'How far they are alike',
      caption: '1 is alike in everything, 0 in nothing.',
      drawing: (
        <IntervalBars
          label={rows.map(({ name, value }) => `${name} ${value}`).join(', ')}
          axis="likeness"
          series={['likeness']}
          groups={rows.map(({ name, fraction }) => ({ name, bars: [{ value: fraction }] }))}
          text={(value) => fixed(value, 2)}
          upTo={1}
        />
      ),
      table: {
        head: [words('name'), number('alike'), words('what')],
        rows: rows.map(({ name, value, full }) => [name, value, full]),
      },
    },
  ];
}

interface OverlapWords {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly x: string;
  readonly y: string;
}

/** Tenths 0 … 10 of overlap, each a bar around its number. */
function overlapFigure(
  overlaps: readonly number[],
  { name, title, caption, x, y }: OverlapWords,
): ReportFigure[] {
  if (overlaps.length === 0) return [];
  const counts = Array.from({ length: 11 }, () => 0);
  for (const overlap of overlaps) counts[Math.round(10 * overlap)]! += 1;
  const bins = counts.map((each, tenths): Bin => ({ from: tenths - 0.5, to: tenths + 0.5, count: each }));
  return [
    {
      name,
      title,
      caption,
      drawing: (
        <Histogram
          label={`${title}: ${counts.map((each, tenths) => `${tenths}: ${each}`).join(', ')}`}
          bins={bins}
          x={{ label: x, ticks: [0, ...tenths] }}
          y={{ label: y }}
        />
      ),
      table: {
        head: [number(x), number(y), number('share')],
        rows: counts.map((each, tenths) => [String(tenths), count(each), percent(each / overlaps.length)]),
      },
    },
  ];
}

function decileFigure({ deciles }: Difference): ReportFigure[] {
  if (deciles.length < 2) return [];
  const withDrift = deciles.some(({ drift }) => drift !== null);
  const line = (name: string, of: (decile: (typeof deciles)[number]) => number | null) => ({
    name,
    points: deciles.flatMap((each) => {
      const value = of(each);
      return value === null ? [] : [[each.decile, value] as const];
    }),
    dots: true,
  });
  return [
    {
      name: 'churn-by-popularity',
      title: 'Change by popularity',
      caption: `${legends.deciles.slice(0, 1).toUpperCase()}${legends.deciles.slice(1)}. 1 has the fewest.`,
      drawing: (
        <LineChart
          label={`Overlap of neighbours by tenths of popularity: ${deciles.map(({ decile, overlapAt10 }) => `${decile}: ${share(overlapAt10)}`).join(', ')}`}
          x={{ label: 'tenth by users', domain: [1, 10], exact: true, ticks: tenths }}
          y={{ label: 'likeness', domain: [0, 1], exact: true }}
          series={[
            line('overlap@10', ({ overlapAt10 }) => overlapAt10),
            line('rbo', ({ rbo }) => rbo),
            ...(withDrift ? [line('cosine', ({ drift }) => drift)] : []),
          ]}
        />
      ),
      table: {
        head: [
          number('tenth'),
          number('users an item'),
          number('items'),
          number('overlap@10'),
          number('rbo'),
          number('cosine'),
        ],
        rows: deciles.map(({ decile, leastListeners, mostListeners, items, overlapAt10, rbo, drift }) => [
          count(decile),
          `${count(leastListeners)} – ${count(mostListeners)}`,
          count(items),
          share(overlapAt10),
          share(rbo),
          drift === null ? '–' : fixed(drift, 3),
        ]),
      },
    },
  ];
}

/** Of a tenth's number. */
const tenths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** Bars between the least cosine and 1. */
const cosineBins = 20;

function cosineFigure(cosines: readonly number[], { drift }: Difference): ReportFigure[] {
  const known = cosines.filter((cosine) => !Number.isNaN(cosine));
  if (known.length === 0 || drift === null) return [];
  const least = known.reduce((min, cosine) => Math.min(min, cosine), 1);
  const from = Math.max(-1, Math.min(0.9, Math.floor(10 * least) / 10));
  const width = (1 - from) / cosineBins;
  const counts = Array.from({ length: cosineBins }, () => 0);
  for (const cosine of known)
    counts[Math.min(cosineBins - 1, Math.max(0, Math.floor((cosine - from) / width)))]! += 1;
  const bins = counts.map((each, at): Bin => ({
    from: from + at * width,
    to: from + (at + 1) * width,
    count: each,
  }));
  return [
    {
      name: 'drift',
      title: 'How far the vectors moved',
      caption: `Cosine of an item’s vectors in both${drift.aligned === 'rotation' ? ', after the best rotation' : ''}: 1 did not move. Mean ${fixed(drift.meanCosine, 3)}; a tenth is below ${fixed(drift.p10Cosine, 3)}.`,
      drawing: (
        <Histogram
          label={`Cosines of ${count(known.length)} items, mean ${fixed(drift.meanCosine, 3)}`}
          bins={bins}
          x={{ label: 'cosine' }}
          y={{ label: 'items' }}
        />
      ),
      table: {
        head: [number('cosine from'), number('to'), number('items')],
        rows: bins.map(({ from: low, to, count: each }) => [fixed(low, 3), fixed(to, 3), count(each)]),
      },
    },
  ];
}

function skewFigure({ skew }: Difference): ReportFigure[] {
  if (skew === null) return [];
  const { measure, matched, mixed, rotated, users } = skew;
  const rows = [
    ['B with B', matched],
    ['A with B', mixed],
    ...(rotated === null ? [] : ([['A rotated with B', rotated]] as const)),
  ] as const;
  return [
    {
      name: 'skew',
      title: 'If the halves were mixed',
      caption: `${measure}, over ${counted(users, 'user')}: users of one snapshot with items of the other.`,
      drawing: (
        <IntervalBars
          label={rows.map(([name, value]) => `${name}: ${fixed(value, 4)}`).join(', ')}
          axis={measure}
          series={['quality']}
          groups={rows.map(([name, value]) => ({ name, bars: [{ value }] }))}
          text={(value) => fixed(value, 3)}
        />
      ),
      table: {
        head: [words('users with items'), number(measure)],
        rows: rows.map(([name, value]) => [name, fixed(value, 4)]),
      },
    },
  ];
}

export function ComparisonPart({
  data,
  comparison,
}: {
  readonly data: ReportData;
  readonly comparison: ComparedSnapshots;
}): VNode {
  const { difference } = comparison;
  const { a, b, items, users, verdict } = difference;
  return (
    <Section id="comparison" title={`Compared with ${a.snapshot}`}>
      <Facts
        facts={[
          ['A (before)', sideInWords(a)],
          ['B (this)', sideInWords(b)],
          ['items', cameAndWent(items)],
          ['users', users === null ? null : cameAndWent(users)],
          ['data', dataInWords(difference)],
          ['neighbours', withoutNeighbours(difference)],
        ]}
      />
      <Figures figures={comparisonFigures(data)} />
      {verdict.kind !== 'identical' && <Details difference={difference} />}
    </Section>
  );
}

function sideInWords({ snapshot, model, dim, items, users }: Difference['a']): string {
  const vectors = dim > 0 ? `, ${counted(dim, 'dimension')}` : '';
  return `${snapshot}: ${model}${vectors}, ${counted(items, 'item')}, ${users === null ? 'no users' : counted(users, 'user')}`;
}

function Details({ difference }: { readonly difference: Difference }): VNode {
  const { items, metrics, changedMost, movedMost, recommendations } = difference;
  const settings = differingSettings(difference.settings);
  const changed = metrics.filter(({ change }) => change !== 0);
  const value = (of: number | null): string => (of === null ? '–' : decimals(of));
  return (
    <>
      {settings.length > 0 && (
        <Table
          caption="Settings and data that differ"
          head={[words('name'), words('A'), words('B')]}
          rows={settings.map((pair) => [pair.name, ...valuesApart(pair)])}
        />
      )}
      {changed.length > 0 && (
        <Table
          caption="Numbers that differ"
          head={[words('name'), number('A'), number('B'), number('change'), words('which is')]}
          rows={changed.map((metric) => [
            metric.name,
            value(metric.a),
            value(metric.b),
            relativeChange(metric),
            direction(metric),
          ])}
        />
      )}
      {heldOutOfOtherData(difference) && <Note>Each model was measured on its own data, which differ.</Note>}
      <ItemTable
        caption={`Items whose neighbours changed most: ${legends.changed}`}
        column="the same"
        rows={changedMost.map((item) => [item, share(item.overlap)] as const)}
      />
      <ItemTable
        caption={`Items that moved most: ${legends.moved}`}
        column="cosine"
        rows={movedMost.map((item) => [item, fixed(item.cosine, 3)] as const)}
      />
      {recommendations !== null && recommendations.changedMost.length > 0 && (
        <Table
          caption={`Users whose recommendations changed most: ${legends.readers}`}
          head={[words('user'), number('the same'), words('gone'), words('came')]}
          rows={recommendations.changedMost.map(({ user, overlap, gone, came }) => [
            user,
            share(overlap),
            titlesOf(gone),
            titlesOf(came),
          ])}
        />
      )}
      <ItemTable
        caption="Items only in B, most played first"
        rows={items.addedTop.map((item) => [item, ''] as const)}
      />
      <ItemTable
        caption="Items only in A, most played first"
        rows={items.removedTop.map((item) => [item, ''] as const)}
      />
    </>
  );
}

/** Items of a user that are named on either side. */
const mostTitles = 5;

function titlesOf(items: readonly ItemRecord[]): string {
  const titles = items.slice(0, mostTitles).map(titleOf).join('; ');
  const more = items.length - mostTitles;
  return more > 0 ? `${titles}; and ${count(more)} more` : titles;
}

interface ItemTableProps {
  readonly caption: string;
  /** What is measured; without it there is none. */
  readonly column?: string;
  readonly rows: readonly (readonly [item: ItemRecord, measured: string])[];
}

function ItemTable({ caption, column, rows }: ItemTableProps): VNode | null {
  if (rows.length === 0) return null;
  const measured = column === undefined ? [] : [number(column)];
  return (
    <Table
      caption={caption}
      head={[words('item'), words('id'), ...measured]}
      rows={rows.map(([item, value]) => [titleOf(item), item.id, ...(column === undefined ? [] : [value])])}
    />
  );
}
