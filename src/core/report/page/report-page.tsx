/** @jsxImportSource preact */
import { createHash } from 'node:crypto';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { PointMap } from '../../../figures/point-map.js';
import { count, fixed, counted } from '../../number-text.js';
import { verdictSentence } from '../../comparison/difference-in-words.js';
import type { ReportData } from '../gather-report.js';
import type { MapPoints } from '../map-points.js';
import { Figures, Section, titleOf, Data } from './page-parts.js';
import { number, words, type ReportFigure } from './report-figure.js';
import { ComparisonPart, comparisonFigures } from './comparison-part.js';
import { IndexPart, indexFigures } from './index-part.js';
import { ListeningPart, listeningFigures } from './listening-part.js';
import { NeighboursPart } from './neighbours-part.js';
import { pageCss } from './page-style.js';
import { QualityPart, qualityFigures } from './quality-part.js';
import { SnapshotPart } from './snapshot-part.js';
import { TrainingPart, trainingFigures } from './training-part.js';

interface Part {
  readonly id: string;
  readonly title: string;
  readonly drawing: VNode;
}

/** The parts of a report, in their order. */
export function partsOf(data: ReportData): Part[] {
  const { comparison } = data;
  return [
    ...(comparison === null
      ? []
      : [
          {
            id: 'comparison',
            title: `Compared with ${comparison.difference.a.snapshot}`,
            drawing: <ComparisonPart data={data} comparison={comparison} />,
          },
        ]),
    { id: 'snapshot', title: 'What was trained on what', drawing: <SnapshotPart data={data} /> },
    { id: 'training', title: 'How training went', drawing: <TrainingPart data={data} /> },
    { id: 'quality', title: 'How well it ranks', drawing: <QualityPart data={data} /> },
    { id: 'listening', title: 'What was listened to', drawing: <ListeningPart data={data} /> },
    { id: 'index', title: 'How neighbours are found', drawing: <IndexPart data={data} /> },
    { id: 'neighbours', title: 'What is near to what', drawing: <NeighboursPart data={data} /> },
    ...(data.map === null
      ? []
      : [{ id: 'map', title: 'The map', drawing: <MapPart data={{ ...data, map: data.map }} /> }]),
  ];
}

/** All drawings of a report, by names that differ. */
export function figuresOf(data: ReportData): ReportFigure[] {
  return [
    ...comparisonFigures(data),
    ...trainingFigures(data),
    ...qualityFigures(data),
    ...listeningFigures(data),
    ...indexFigures(data),
    ...mapFigures(data),
  ];
}

/**
 * One HTML file that needs nothing else: no script, no request. The policy in its head says so to a browser: styles by
 * their hash, and nothing more.
 */
export function reportPage(data: ReportData): string {
  const { id } = data.manifest;
  const styleHash = createHash('sha256').update(pageCss).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`Snapshot ${id}`}</title>
        <style dangerouslySetInnerHTML={{ __html: pageCss }} />
      </head>
      <body>
        <Head data={data} />
        <Contents parts={partsOf(data)} />
        <main>{partsOf(data).map(({ drawing }) => drawing)}</main>
        <footer>
          <p>
            Made by <code>segue report</code>. The same snapshot gives the same page, byte by byte: it holds
            no time, no machine and no path.
          </p>
        </footer>
      </body>
    </html>
  );
  return `<!doctype html>\n${renderToString(page)}\n`;
}

function Head({ data }: { readonly data: ReportData }): VNode {
  const { manifest, comparison, popularity } = data;
  const { id, model, inputs, users, index } = manifest;
  const { events, pairs, items, users: numUsers } = inputs.interactions;
  const tiles: (readonly [string, string])[] = [
    ...(events > 0 ? ([[count(events), 'events']] as const) : []),
    [count(pairs), 'pairs'],
    [count(numUsers), users === null && numUsers > 0 ? 'users, not kept' : 'users'],
    [count(items), 'items'],
    ...(model.dim > 0 ? ([[count(model.dim), 'dimensions']] as const) : []),
    ...(popularity === null ? [] : ([[fixed(popularity.gini, 2), 'Gini of plays']] as const)),
    ...(index === null ? [] : ([[fixed(index.item.recallAt10, 3), 'recall@10 of the index']] as const)),
  ];
  return (
    <header>
      <h1>{`Snapshot ${id}`}</h1>
      <p class="lead">
        <Data>{model.dim > 0 ? `${model.name}, ${counted(model.dim, 'dimension')}` : model.name}</Data>
      </p>
      {comparison !== null && (
        <p class="verdict">
          {`Compared with ${comparison.difference.a.snapshot}: `}
          <strong>{`${verdictSentence(comparison.difference)}.`}</strong>
        </p>
      )}
      <ul class="tiles">
        {tiles.map(([value, name]) => (
          <li>
            <strong>{value}</strong>
            <span>{name}</span>
          </li>
        ))}
      </ul>
    </header>
  );
}

function Contents({ parts }: { readonly parts: readonly Part[] }): VNode {
  return (
    <nav aria-label="Contents">
      <ol>
        {parts.map(({ id, title }) => (
          <li>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function mapFigures({ map }: ReportData): ReportFigure[] {
  if (map === null) return [];
  const { groups, names, shown, placed } = map;
  const which =
    shown < placed ? `the ${count(shown)} most played of ${count(placed)} items` : `${count(placed)} items`;
  return [
    {
      name: 'map',
      title: 'Map of the catalogue',
      caption: `Items that are near to each other are alike: ${which}. Neither direction means anything; colours are groups of neighbours. The most played of each part is named.`,
      drawing: (
        <PointMap
          label={`Map of ${which}; the table has the places of the most played`}
          groups={groups}
          names={names.map(({ item, at }) => ({ at, name: item.name === '' ? item.id : item.name }))}
        />
      ),
      table: {
        head: [words('item'), number('from the left'), number('from below')],
        rows: names.map(({ item, at: [x, y] }) => [titleOf(item), fixed(x, 3), fixed(y, 3)]),
      },
    },
  ];
}

function MapPart({ data }: { readonly data: ReportData & { readonly map: MapPoints } }): VNode {
  return (
    <Section id="map" title="The map">
      <div class="wide">
        <Figures figures={mapFigures(data)} />
      </div>
    </Section>
  );
}
