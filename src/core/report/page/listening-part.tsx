/** @jsxImportSource preact */
import type { VNode } from 'preact';
import { Histogram } from '../../../figures/histogram.js';
import { LineChart } from '../../../figures/line-chart.js';
import { count, decimals, fixed, percent } from '../../number-text.js';
import type { CountDistribution } from '../count-distribution.js';
import type { ReportData } from '../gather-report.js';
import { Facts, Figures, Note, Section } from './page-parts.js';
import { number, words, type ReportFigure } from './report-figure.js';

/** Whose events are counted, in words. */
interface Counted {
  /** Of the files. */
  readonly name: string;
  readonly one: string;
  readonly many: string;
}

const items: Counted = { name: 'popularity', one: 'item', many: 'items' };
const users: Counted = { name: 'activity', one: 'user', many: 'users' };

export function listeningFigures({ popularity, activity }: ReportData): ReportFigure[] {
  return [
    ...(popularity === null ? [] : figuresOf(popularity, items)),
    ...(activity === null ? [] : figuresOf(activity, users)),
  ];
}

function figuresOf(counts: CountDistribution, whose: Counted): ReportFigure[] {
  return [histogramOf(counts, whose), rankedOf(counts, whose), lorenzOf(counts, whose)];
}

function histogramOf({ bins, median, most }: CountDistribution, { name, one, many }: Counted): ReportFigure {
  const range = ({ from, to }: (typeof bins)[number]): string =>
    to - from === 1 ? count(from) : `${count(from)} – ${count(to - 1)}`;
  return {
    name: `${name}-histogram`,
    title: `Events of ${one === 'user' ? 'a' : 'an'} ${one}`,
    caption: `How many ${many} have so many events, each bar twice as wide as the one before. Half of them have ${decimals(median)} at most.`,
    drawing: (
      <Histogram
        label={`Histogram of events by ${one}: median ${decimals(median)}, most ${count(most)}`}
        bins={bins}
        x={{ label: `events of ${one === 'user' ? 'a' : 'an'} ${one}`, scale: 'log' }}
        y={{ label: many }}
      />
    ),
    table: {
      head: [words('events'), number(many)],
      rows: bins.map((bin) => [range(bin), count(bin.count)]),
    },
  };
}

function rankedOf({ ranked, most, entries }: CountDistribution, { name, one, many }: Counted): ReportFigure {
  const least = ranked.at(-1)?.[1] ?? 1;
  return {
    name: `${name}-by-rank`,
    title: `${one === 'user' ? 'Activity' : 'Popularity'} by rank`,
    caption: `Events of the ${many} in order, both axes logarithmic: a straight line is a power law.`,
    drawing: (
      <LineChart
        label={`Events by rank of ${count(entries)} ${many}, from ${count(most)} to ${count(least)}`}
        x={{ label: `rank of the ${one}`, scale: 'log', domain: [1, Math.max(2, entries)] }}
        y={{ label: 'events', scale: 'log', domain: [least, Math.max(most, least + 1)] }}
        series={[{ name: many, points: ranked }]}
      />
    ),
    table: {
      head: [number('rank'), number('events')],
      rows: ranked.map(([rank, events]) => [count(rank), count(events)]),
    },
  };
}

function lorenzOf({ lorenz, gini }: CountDistribution, { name, many }: Counted): ReportFigure {
  return {
    name: `${name}-lorenz`,
    title: `Concentration on few ${many}`,
    caption: `Lorenz curve: which share of the ${many}, the least active first, has which share of the events. Gini ${fixed(gini, 3)}: 0 is equal (dashed), 1 is one for all.`,
    drawing: (
      <LineChart
        label={`Lorenz curve of events over ${many}, Gini coefficient ${fixed(gini, 3)}`}
        x={{ label: `share of ${many}`, domain: [0, 1], exact: true, text: percent }}
        y={{ label: 'share of events', domain: [0, 1], exact: true, text: percent }}
        series={[{ name: many, points: lorenz, area: true }]}
        rule={[
          [0, 0],
          [1, 1],
        ]}
      />
    ),
    table: {
      head: [number(`share of ${many}`), number('share of events')],
      rows: lorenz.map(([ofEntries, ofEvents]) => [percent(ofEntries), percent(ofEvents)]),
    },
  };
}

export function ListeningPart({ data }: { readonly data: ReportData }): VNode {
  const { popularity, activity, manifest } = data;
  return (
    <Section id="listening" title="What was listened to">
      {popularity === null ? (
        <Note>No item has an event: these vectors came without plays.</Note>
      ) : (
        <>
          <h3>Items</h3>
          <Facts facts={factsOf(popularity, 'items without plays')} />
          <Figures figures={figuresOf(popularity, items)} />
        </>
      )}
      {activity === null ? (
        <Note>
          {manifest.users === null
            ? 'This snapshot has no users: nothing is known of who listened.'
            : 'No user has an event.'}
        </Note>
      ) : (
        <>
          <h3>Users</h3>
          <Facts facts={factsOf(activity, 'users without plays')} />
          <Figures figures={figuresOf(activity, users)} />
        </>
      )}
    </Section>
  );
}

function factsOf(
  { entries, withoutEvents, most, median, gini, top }: CountDistribution,
  without: string,
): (readonly [string, string | null])[] {
  return [
    ['with events', count(entries)],
    [without, withoutEvents === 0 ? null : count(withoutEvents)],
    ['median of events', decimals(median)],
    ['most events', count(most)],
    ['Gini', fixed(gini, 3)],
    ...top.map(({ share, ofEvents }) => [`events of the top ${percent(share)}`, percent(ofEvents)] as const),
  ];
}
