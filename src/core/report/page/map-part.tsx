/** @jsxImportSource preact */
import type { VNode } from 'preact';

import { PointMap } from '../../../figures/point-map.js';
import { count, fixed } from '../../number-text.js';
import type { ReportData } from '../gather-report.js';
import type { MapPoints } from '../map-points.js';
import { Figures, Section, titleOf } from './page-parts.js';
import { number, words, type ReportFigure } from './report-figure.js';

export function mapFigures({ map }: ReportData): ReportFigure[] {
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

export function MapPart({ data }: { readonly data: ReportData & { readonly map: MapPoints } }): VNode {
  return (
    <Section id="map" title="The map">
      <div class="wide">
        <Figures figures={mapFigures(data)} />
      </div>
    </Section>
  );
}
