/** @jsxImportSource preact */
import type { VNode } from 'preact';
import { LineChart } from '../../../figures/line-chart.js';
import { count, fixed, percent } from '../../number-text.js';
import { payingIndex } from '../../query/open-item-search.js';
import type { IndexSection } from '../../snapshot/manifest.js';
import type { ReportData } from '../gather-report.js';
import { Command, Facts, Figures, Note, Section } from './page-parts.js';
import { number, type ReportFigure } from './report-figure.js';

export function indexFigures({ indexCurve, manifest }: ReportData): ReportFigure[] {
  const index = manifest.index?.item;
  if (index === undefined || indexCurve.length < 2) return [];
  const tuned = indexCurve.find(({ probes }) => probes === Math.min(index.probes, index.lists));
  const table: ReportFigure['table'] = {
    head: [number('lists read'), number('compared with'), number('recall@10'), number('95 % interval')],
    rows: indexCurve.map(({ probes, compared, recall, interval: [low, high] }) => [
      count(probes),
      percent(compared),
      fixed(recall, 4),
      `${fixed(low, 4)} – ${fixed(high, 4)}`,
    ]),
  };
  const least = Math.min(...indexCurve.map(({ recall }) => recall));
  const y = {
    label: 'recall@10',
    domain: [Math.min(0.9, least), 1],
    text: (value: number) => fixed(value, 2),
  } as const;
  const searches = `Searches read ${count(index.probes)} of ${count(index.lists)} lists (ring), tuned to a recall of ${String(index.targetRecall)}.`;
  return [
    {
      name: 'index-recall-by-probes',
      title: 'Recall by lists read',
      caption: `How many of the true ten nearest an approximate search finds. ${searches}`,
      drawing: (
        <LineChart
          label={`Recall@10 of the index with 1 to ${count(indexCurve.at(-1)?.probes ?? 1)} lists read`}
          x={{ label: 'lists read (probes)', scale: 'log', domain: [1, indexCurve.at(-1)?.probes ?? 1] }}
          y={y}
          series={[
            {
              name: 'recall',
              points: indexCurve.map(({ probes, recall }) => [probes, recall] as const),
              dots: true,
            },
          ]}
          marks={tuned === undefined ? [] : [{ at: [tuned.probes, tuned.recall], label: 'as searches are' }]}
        />
      ),
      table,
    },
    {
      name: 'index-recall-by-work',
      title: 'Recall by work',
      caption:
        'The same by how much a search compares with, of what an exact one does. Time follows it; it depends on the machine, so it is not in here.',
      drawing: (
        <LineChart
          label="Recall@10 of the index by the share of vectors that is compared with"
          x={{
            label: 'vectors compared with',
            scale: 'log',
            domain: [indexCurve[0]?.compared ?? 0.001, indexCurve.at(-1)?.compared ?? 1],
            text: percent,
          }}
          y={y}
          series={[
            {
              name: 'recall',
              points: indexCurve.map(({ compared, recall }) => [compared, recall] as const),
              dots: true,
            },
          ]}
          marks={
            tuned === undefined ? [] : [{ at: [tuned.compared, tuned.recall], label: 'as searches are' }]
          }
        />
      ),
      table,
    },
  ];
}

export function IndexPart({ data }: { readonly data: ReportData }): VNode {
  const { manifest } = data;
  const index = manifest.index?.item;
  return (
    <Section id="index" title="How neighbours are found">
      {index === undefined ? (
        <Note>
          There is no index: every search compares with all items, and finds exactly the nearest.{' '}
          {manifest.model.scorer === 'inner-product' && (
            <>
              For a large catalogue: <Command>{`segue build-index ${manifest.id}`}</Command>.
            </>
          )}
        </Note>
      ) : (
        <>
          <Facts facts={factsOf(index)} />
          {payingIndex({ manifest }) === null && (
            <Note>
              So few items are searched as a whole, which is as fast and exact: the index is not used unless
              the catalogue grows beyond 32 MiB of vectors.
            </Note>
          )}
          <Figures figures={indexFigures(data)} />
        </>
      )}
    </Section>
  );
}

function factsOf(index: IndexSection): (readonly [string, string | null])[] {
  const { kind, encoding, lists, probes, targetRecall, recallAt10, recallInterval, sampled, at100 } = index;
  const interval = (of: readonly [number, number] | undefined): string =>
    of === undefined ? '' : ` (95 %: ${fixed(of[0], 4)} – ${fixed(of[1], 4)})`;
  return [
    ['kind', `${kind}, ${encoding}`],
    ['lists', count(lists)],
    ['lists read', count(probes)],
    ['wanted recall', String(targetRecall)],
    ['recall@10 when it was built', `${fixed(recallAt10, 4)}${interval(recallInterval)}`],
    ['measured on', `${count(sampled)} items`],
    ['recall@100', at100 === undefined ? null : `${fixed(at100.recall, 4)}${interval(at100.recallInterval)}`],
    ['lists read for 100', at100 === undefined ? null : count(at100.probes)],
  ];
}
