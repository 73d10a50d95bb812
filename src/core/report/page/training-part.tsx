/** @jsxImportSource preact */
import type { VNode } from 'preact';
import { LineChart } from '../../../figures/line-chart.js';
import { count, decimals } from '../../number-text.js';
import type { ReportData } from '../gather-report.js';
import { Command, Facts, Figures, Note, Section } from './page-parts.js';
import { number, type ReportFigure } from './report-figure.js';

export function trainingFigures({ training, manifest }: ReportData): ReportFigure[] {
  if (training === null || training.epochs.length === 0) return [];
  const { epochs, keptEpoch } = training;
  const x = { label: 'epoch', domain: [0, epochs.at(-1)?.epoch ?? 1], exact: true } as const;
  const losses = epochs.map(({ loss }) => loss);
  const kept = epochs.find(({ epoch }) => epoch === keptEpoch);
  const [first, last] = [losses[0] ?? 0, (kept ?? epochs.at(-1))?.loss ?? 0];
  const loss: ReportFigure = {
    name: 'loss',
    title: 'Loss by epoch',
    caption: `What ${manifest.model.name} minimises, from ${decimals(first)} to ${decimals(last)}.${
      kept === undefined || kept.epoch === epochs.at(-1)?.epoch
        ? ''
        : ` The model is that of epoch ${count(kept.epoch)}, which has a ring.`
    }`,
    drawing: (
      <LineChart
        label={`Loss after each of ${epochs.length} epochs: ${decimals(first)} to ${decimals(last)}`}
        x={x}
        y={{ label: 'loss', domain: [Math.min(...losses), Math.max(...losses)], text: decimals }}
        series={[
          {
            name: 'loss',
            points: epochs.map((each) => [each.epoch, each.loss] as const),
            dots: epochs.length <= 40,
          },
        ]}
        marks={kept === undefined ? [] : [{ at: [kept.epoch, kept.loss], label: `epoch ${kept.epoch}` }]}
      />
    ),
    table: {
      head: [number('epoch'), number('loss')],
      rows: epochs.map((each) => [count(each.epoch), decimals(each.loss)]),
    },
  };
  return [loss, ...stoppingFigures(data(training.epochs), keptEpoch)];
}

type Measured = ReadonlyMap<string, readonly (readonly [epoch: number, value: number])[]>;

function data(epochs: NonNullable<ReportData['training']>['epochs']): Measured {
  const byName = new Map<string, (readonly [number, number])[]>();
  for (const { epoch, metrics } of epochs)
    for (const [name, value] of metrics) byName.set(name, [...(byName.get(name) ?? []), [epoch, value]]);
  return byName;
}

/** What was measured after epochs, a chart each. */
function stoppingFigures(measured: Measured, keptEpoch: number | null): ReportFigure[] {
  return [...measured].map(([name, points]) => {
    const values = points.map(([, value]) => value);
    const kept = points.find(([epoch]) => epoch === keptEpoch);
    return {
      name: `training-${name.replaceAll(/[^a-z0-9]+/gi, '-')}`,
      title: `${name} by epoch`,
      caption: 'Measured after each epoch on pairs that were held out; training was to stop by it.',
      drawing: (
        <LineChart
          label={`${name} after each epoch`}
          x={{ label: 'epoch', domain: [0, points.at(-1)?.[0] ?? 1], exact: true }}
          y={{ label: name, domain: [Math.min(...values), Math.max(...values)], text: decimals }}
          series={[{ name, points, dots: points.length <= 40 }]}
          marks={kept === undefined ? [] : [{ at: kept, label: `epoch ${kept[0]}` }]}
        />
      ),
      table: {
        head: [number('epoch'), number(name)],
        rows: points.map(([epoch, value]) => [count(epoch), decimals(value)]),
      },
    };
  });
}

export function TrainingPart({ data: report }: { readonly data: ReportData }): VNode {
  const { manifest, training } = report;
  const { loss } = manifest.metrics;
  const figures = trainingFigures(report);
  return (
    <Section id="training" title="How training went">
      <Facts
        facts={[
          ['loss at the end', loss === undefined ? null : decimals(loss)],
          ['stopped by', training?.stoppedBy],
          ['users whose fold-in stopped at its limit', manifest.users?.unconverged],
        ]}
      />
      <Figures figures={figures} />
      {figures.length === 0 && <WithoutCurve data={report} />}
    </Section>
  );
}

function WithoutCurve({ data: { manifest, training } }: { readonly data: ReportData }): VNode {
  const { basis, metrics, model } = manifest;
  if (metrics['loss'] === undefined)
    return (
      <Note>{`${model.name} has no epochs: it is not trained step by step, or was trained elsewhere.`}</Note>
    );
  if (training !== null)
    return <Note>The training was found complete when its document was printed: it has no epochs.</Note>;
  return (
    <Note>
      A snapshot keeps the loss of its last epoch only. For the curve, keep what training prints:{' '}
      <Command>segue train … --json &gt; training.json</Command>, then{' '}
      <Command>{`segue report ${basis} --training training.json`}</Command>.
    </Note>
  );
}
