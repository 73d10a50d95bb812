import type { ComponentChild } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { noGroup, type CatalogueMap as Points } from '../../core/map/map-format.js';
import type { MapProgress } from '../../client/client.js';
import type { MapItem } from '../api/answers.js';
import { query, referenceTo } from '../api/queries.js';
import { useAnswer } from '../api/use-answer.js';
import { RankedList } from '../lists/ranked-list.js';
import { CatalogueMap } from '../map/catalogue-map.js';
import { useCatalogueMap } from '../map/use-catalogue-map.js';
import { useMapItems } from '../map/use-map-items.js';
import { Name, shortText } from '../parts/name.js';
import { plural } from '../parts/numbers.js';
import { ProblemNote } from '../parts/problem-note.js';
import { usePage, usePlaceName, useSaid } from '../place/page-context.js';
import { elsewhere, entityView, hrefOf } from '../place/place.js';

/** Neighbours that light up. */
const k = 10;
const none: readonly MapItem[] = [];

/** The catalogue as a map, and the neighbours of the item that was chosen on it. */
export function MapView(): ComponentChild {
  usePlaceName('Map');
  const { place } = usePage();
  const { map, progress, problem, retry } = useCatalogueMap(place.snapshot);
  return (
    <>
      <header class="subject">
        <h1 tabIndex={-1}>Map</h1>
        {map !== undefined && <About map={map} />}
      </header>
      {progress !== undefined && <Making progress={progress} />}
      {problem !== undefined && <ProblemNote problem={problem} retry={retry} />}
      {map !== undefined && <MapOfItems map={map} />}
    </>
  );
}

function About({ map }: { readonly map: Points }): ComponentChild {
  const placed = map.group.reduce((count, group) => count + (group === noGroup ? 0 : 1), 0);
  return (
    <p class="quiet">
      {plural(placed, 'item')}: what is alike lies near to each other. Choose one to see its neighbours. With
      the keyboard: arrows, + and −, 0 for the whole map, Enter for the item in the middle, Escape for none.
    </p>
  );
}

function Making({ progress: { phase, done, total } }: { readonly progress: MapProgress }): ComponentChild {
  useSaid('The map is being made');
  return (
    <p>
      <label>
        The map is being made, once for this snapshot: {phase}{' '}
        <progress max={Math.max(1, total)} value={done} />
      </label>
    </p>
  );
}

function MapOfItems({ map }: { readonly map: Points }): ComponentChild {
  const { place } = usePage();
  const { snapshot } = place;
  const items = useMapItems(snapshot);
  const [row, setRow] = useState<number>();
  const { itemOf, want } = items;
  useEffect(() => want(row === undefined ? [] : [row]), [want, row]);
  const selected = row === undefined ? undefined : itemOf(row);
  const near = useAnswer(
    selected === undefined
      ? undefined
      : query('similar', { item: referenceTo('item', selected.id), k, kind: 'item', snapshot }),
    `near ${selected?.id ?? ''}`,
  );
  const found = near.value?.neighbours ?? [];
  const placed = useAnswer(
    found.length === 0
      ? undefined
      : query('mapItems', { item: found.map(({ id }) => referenceTo('item', id)), snapshot }),
    `rows near ${selected?.id ?? ''}`,
  );
  const neighbours = selected === undefined ? none : (placed.value?.items ?? none);
  const onSelect = useCallback((chosen: number | undefined) => setRow(chosen), []);
  const href = (id: string): string => hrefOf(elsewhere(place, entityView('item', id)));
  useSaid(selected === undefined ? undefined : `${shortText(selected.name)} is chosen`);
  return (
    <>
      <CatalogueMap map={map} items={items} selected={selected} neighbours={neighbours} onSelect={onSelect} />
      {selected !== undefined && (
        <section class="map-near-list">
          <h2>
            Near{' '}
            <a href={href(selected.id)}>
              <Name text={selected.name} />
            </a>
          </h2>
          {near.problem !== undefined && <ProblemNote problem={near.problem} retry={near.retry} />}
          <RankedList
            label={`Near ${shortText(selected.name)}`}
            scoreName="similarity"
            isLoading={near.isLoading}
            rows={found.map(({ id, name, rank, similarity }) => ({
              id,
              name,
              rank,
              href: href(id),
              score: similarity,
              share: Math.max(0, similarity),
            }))}
          />
        </section>
      )}
    </>
  );
}
