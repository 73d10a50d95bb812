/** @jsxImportSource preact */
import type { VNode } from 'preact';
import { IntervalBars } from '../../../figures/interval-bars.js';
import { LineChart } from '../../../figures/line-chart.js';
import { count, counted, decimals, fixed } from '../../number-text.js';
import type { MeasuredMetric, MeasuredModel, MeasuredQuality } from '../evaluation-figures.js';
import type { ReportData } from '../gather-report.js';
import { Command, Figures, Note, Section, Table } from './page-parts.js';
import { number, words, type ReportFigure } from './report-figure.js';

/** Lines and bars of a chart; a table has all. */
const mostModels = 4;
const accuracies = ['recall', 'ndcg', 'map', 'hit-rate', 'mrr'];

export function qualityFigures({ quality }: ReportData): ReportFigure[] {
  if (quality === null) return [];
  return [
    ...accuracyFigure(quality),
    ...overBaselineFigure(quality),
    ...byCutoffFigure(quality),
    ...byDecileFigure(quality),
  ];
}

/** This snapshot first, the baseline last of those that are drawn. */
function drawnModels({ models }: MeasuredQuality): MeasuredModel[] {
  const ordered = [...models].sort((a, b) => Number(b.isThis) - Number(a.isThis));
  const baselines = ordered.filter(({ isBaseline }) => isBaseline);
  return [
    ...ordered.filter(({ isBaseline }) => !isBaseline).slice(0, Math.max(0, mostModels - baselines.length)),
    ...baselines.slice(-mostModels),
  ];
}

/** What the others are compared with. */
function comparedWith({ models }: MeasuredQuality): string {
  return models.at(-1)?.name ?? 'popularity';
}

function nameOf({ name, isThis, isBaseline }: MeasuredModel): string {
  return `${name}${isThis ? ' (this)' : ''}${isBaseline ? ' (baseline)' : ''}`;
}

function withInterval({ value, interval }: Pick<MeasuredMetric, 'value' | 'interval'>): string {
  return interval === null
    ? fixed(value, 4)
    : `${fixed(value, 4)} (${fixed(interval[0], 4)} – ${fixed(interval[1], 4)})`;
}

function accuracyFigure(quality: MeasuredQuality): ReportFigure[] {
  const models = drawnModels(quality);
  const [k = 10] = quality.at;
  const names = accuracies
    .map((metric) => `${metric}@${k}`)
    .filter((name) => models.some(({ metrics }) => metrics.has(name)));
  if (names.length === 0) return [];
  const intervals =
    quality.resamples === 0 ? '' : `, with 95 % intervals over users (${count(quality.resamples)} resamples)`;
  return [
    {
      name: 'metrics',
      title: `Accuracy of the first ${count(k)}`,
      caption: `Means over users${intervals}. Compared with ${comparedWith(quality)}.`,
      drawing: (
        <IntervalBars
          label={`${names.join(', ')} of ${models.map(nameOf).join(', ')}`}
          axis="mean over users"
          series={models.map(nameOf)}
          groups={names.map((name) => ({
            name,
            bars: models.map(({ metrics }) => {
              const measured = metrics.get(name);
              return { value: measured?.value ?? null, interval: measured?.interval };
            }),
          }))}
          text={(value) => fixed(value, 3)}
        />
      ),
      table: {
        head: [words('metric'), ...models.map((model) => number(nameOf(model)))],
        rows: names.map((name) => [name, ...models.map(({ metrics }) => cellOf(metrics.get(name)))]),
      },
    },
  ];
}

function cellOf(measured: MeasuredMetric | undefined): string {
  return measured === undefined ? '–' : withInterval(measured);
}

function overBaselineFigure(quality: MeasuredQuality): ReportFigure[] {
  const base = comparedWith(quality);
  const models = drawnModels(quality).filter(({ name }) => name !== base);
  const [k = 10] = quality.at;
  const names = accuracies
    .map((metric) => `${metric}@${k}`)
    .filter((name) => models.some(({ metrics }) => (metrics.get(name)?.over ?? null) !== null));
  if (names.length === 0) return [];
  const overOf = ({ metrics }: MeasuredModel, name: string): MeasuredMetric['over'] =>
    metrics.get(name)?.over ?? null;
  return [
    {
      name: 'over-popularity',
      title: `Better than ${base}?`,
      caption: `Differences to ${base}, user by user. An interval without 0 is a clear one.`,
      drawing: (
        <IntervalBars
          label={`Differences to ${base} of ${models.map(nameOf).join(', ')}`}
          axis={`difference to ${base}`}
          series={models.map(nameOf)}
          groups={names.map((name) => ({
            name,
            bars: models.map((model) => {
              const over = overOf(model, name);
              return { value: over?.difference ?? null, interval: over?.interval };
            }),
          }))}
          text={(value) => fixed(value, 3)}
        />
      ),
      table: {
        head: [words('metric'), ...models.map((model) => number(nameOf(model)))],
        rows: names.map((name) => [
          name,
          ...models.map((model) => {
            const over = overOf(model, name);
            return over === null ? '–' : withInterval({ value: over.difference, interval: over.interval });
          }),
        ]),
      },
    },
  ];
}

function byCutoffFigure(quality: MeasuredQuality): ReportFigure[] {
  const models = drawnModels(quality);
  const { at } = quality;
  if (at.length < 2) return [];
  const series = models.map((model) => ({
    name: nameOf(model),
    points: at.flatMap((k) => {
      const value = model.metrics.get(`recall@${k}`)?.value;
      return value === undefined ? [] : [[k, value] as const];
    }),
    dots: true,
  }));
  if (series.every(({ points }) => points.length < 2)) return [];
  const most = Math.max(...series.flatMap(({ points }) => points.map(([, value]) => value)));
  return [
    {
      name: 'recall-by-cutoff',
      title: 'Recall by cutoff',
      caption:
        'The share of the held-out items among the first k: candidates for a later ranker are read at the right.',
      drawing: (
        <LineChart
          label={`Recall at ${at.map(count).join(', ')} of ${models.map(nameOf).join(', ')}`}
          x={{ label: 'k', scale: 'log', domain: [at[0] ?? 1, at.at(-1) ?? 1], ticks: at }}
          y={{ label: 'recall@k', domain: [0, most] }}
          series={series}
        />
      ),
      table: {
        head: [number('k'), ...models.map((model) => number(nameOf(model)))],
        rows: at.map((k) => [count(k), ...models.map(({ metrics }) => cellOf(metrics.get(`recall@${k}`)))]),
      },
    },
  ];
}

function byDecileFigure(quality: MeasuredQuality): ReportFigure[] {
  const models = drawnModels(quality).filter(({ deciles }) => deciles.length > 0);
  const [k = 10] = quality.at;
  const name = `recall@${k}`;
  const series = models.map((model) => ({
    name: nameOf(model),
    points: model.deciles.flatMap(({ decile, metrics }) => {
      const value = metrics.get(name);
      return value === undefined ? [] : [[decile, value] as const];
    }),
    dots: true,
  }));
  if (series.every(({ points }) => points.length < 2)) return [];
  const most = Math.max(...series.flatMap(({ points }) => points.map(([, value]) => value)));
  const deciles = [...new Set(models.flatMap((model) => model.deciles.map(({ decile }) => decile)))].sort(
    (a, b) => a - b,
  );
  return [
    {
      name: 'recall-by-popularity',
      title: 'Where the hits come from',
      caption: `${name} of the targets in tenths by how many users have them: 1 the most popular, 10 the least.`,
      drawing: (
        <LineChart
          label={`${name} by popularity of the targets of ${models.map(nameOf).join(', ')}`}
          x={{
            label: 'tenth by popularity',
            domain: [1, 10],
            exact: true,
            ticks: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
          }}
          y={{ label: name, domain: [0, most] }}
          series={series}
        />
      ),
      table: {
        head: [number('tenth'), ...models.map((model) => number(nameOf(model)))],
        rows: deciles.map((decile) => [
          count(decile),
          ...models.map((model) => {
            const value = model.deciles.find((each) => each.decile === decile)?.metrics.get(name);
            return value === undefined ? '–' : fixed(value, 4);
          }),
        ]),
      },
    },
  ];
}

export function QualityPart({ data }: { readonly data: ReportData }): VNode {
  const { quality, manifest } = data;
  const atTraining = Object.entries(manifest.metrics).filter(([name]) => name !== 'loss');
  return (
    <Section id="quality" title="How well it ranks">
      {atTraining.length > 0 && (
        <Table
          caption="Measured at its training, on pairs that were held out (segue train --holdout); without intervals"
          head={[words('metric'), number('mean over users')]}
          rows={atTraining.map(([name, value]) => [name, decimals(value)])}
        />
      )}
      {quality === null ? <NotEvaluated data={data} /> : <Evaluated data={data} quality={quality} />}
    </Section>
  );
}

function Evaluated({
  data,
  quality,
}: {
  readonly data: ReportData;
  readonly quality: MeasuredQuality;
}): VNode {
  const { models, split, users, targets, at, warnings } = quality;
  const names = [...new Set(models.flatMap(({ metrics }) => [...metrics.keys()]))];
  return (
    <>
      <p>
        {`Measured by segue evaluate: the split is ${split}, ${users === null ? '' : `for ${counted(users, 'user')}`}${
          targets === null ? '' : ` and ${counted(targets, 'target')}`
        }, at ${at.map(count).join(', ')}.`}
      </p>
      {!models.some(({ isThis }) => isThis) && (
        <Note>
          None of these is this snapshot: evaluate trained models of its own on a part of the events. What is
          measured is the model and its options, not these vectors.
        </Note>
      )}
      {warnings.map((warning) => (
        <Note>{`Warning: ${warning}`}</Note>
      ))}
      <Figures figures={qualityFigures(data)} />
      <details>
        <summary>All metrics</summary>
        <Table
          caption="All metrics, with 95 % intervals"
          head={[words('metric'), ...models.map((model) => number(nameOf(model)))]}
          rows={names.map((name) => [name, ...models.map(({ metrics }) => cellOf(metrics.get(name)))])}
        />
      </details>
    </>
  );
}

function NotEvaluated({ data: { manifest } }: { readonly data: ReportData }): VNode {
  return (
    <>
      <Note>
        This snapshot was not evaluated. Measure it on plays that it was not trained on:{' '}
        <Command>{`segue evaluate --snapshot ${manifest.id} --test plays-of-test.csv --json > evaluation.json`}</Command>
        , or its model and options on a split of the events:{' '}
        <Command>{`segue evaluate plays.csv --model ${manifest.model.name} --json > evaluation.json`}</Command>
        . Then <Command>{`segue report ${manifest.id} --evaluation evaluation.json`}</Command>.
      </Note>
    </>
  );
}
