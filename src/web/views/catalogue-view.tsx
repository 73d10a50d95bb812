import type { ComponentChild } from 'preact';
import type { Kind } from '../api/answers.js';
import { query } from '../api/queries.js';
import { useAnswer } from '../api/use-answer.js';
import { EntityMeta } from '../lists/entity-meta.js';
import { RankedList } from '../lists/ranked-list.js';
import { LengthField } from '../parts/length-field.js';
import { Loading } from '../parts/loading.js';
import { ago, count, plural, score } from '../parts/numbers.js';
import { ProblemNote } from '../parts/problem-note.js';
import { elsewhere, entityView, hrefOf, listenerView, type Place } from '../place/place.js';
import { useKinds, usePage, usePlaceName, useSaid } from '../place/page-context.js';
import { rowOf } from '../place/use-snapshots.js';

type CataloguePlace = Extract<Place, { readonly view: 'catalogue' }>;

const titles = { item: 'Items', artist: 'Artists', album: 'Albums' } as const;

/** Where the page begins: what is played most, and a few listeners. */
export function CatalogueView({ place }: { readonly place: CataloguePlace }): ComponentChild {
  const kinds = useKinds();
  usePlaceName('Catalogue');
  return (
    <>
      <header class="subject">
        <h1 tabIndex={-1}>Catalogue</h1>
        <SnapshotFacts />
        <p class="quiet">
          Search above, or begin with what is played most. <kbd>/</kbd> searches, <kbd>j</kbd> and{' '}
          <kbd>k</kbd> move, <kbd>Enter</kbd> opens, <kbd>?</kbd> shows every key.
        </p>
      </header>
      <div class={kinds.has('listener') ? 'columns' : undefined}>
        <MostPlayed key={place.kind} place={place} />
        {kinds.has('listener') && <MostActive />}
      </div>
    </>
  );
}

/** What answers: the model, and how much it knows. */
function SnapshotFacts(): ComponentChild {
  const { place } = usePage();
  const { value } = useAnswer(query('snapshots', {}), 'snapshots');
  const row = value && rowOf(value, place.snapshot);
  if (value === undefined || row === undefined) return null;
  const { snapshot, model, dim, items, users, madeAt, metrics } = row;
  return (
    <p class="facts">
      <span>
        <code>{snapshot}</code>
      </span>
      {model !== null && (
        <span>
          {model}
          {dim !== null && `, ${plural(dim, 'dimension')}`}
        </span>
      )}
      {items !== null && <span>{plural(items, 'item')}</span>}
      {users !== null && <span>{plural(users, 'listener')}</span>}
      {metrics['loss'] !== undefined && <span>loss {score(metrics['loss'])}</span>}
      {madeAt !== null && <span>made {ago(madeAt, Date.parse(value.at))}</span>}
    </p>
  );
}

function MostPlayed({ place }: { readonly place: CataloguePlace }): ComponentChild {
  const kinds = useKinds();
  const { kind, k, snapshot } = place;
  const { value, problem, isLoading, retry } = useAnswer(query('items', { kind, k, snapshot }), kind);
  const offered = (['item', 'artist', 'album'] as const).filter((each) => each === 'item' || kinds.has(each));
  useSaid(value && `the ${value.items.length} most played of ${plural(value.of, kind)}`);
  const most = Math.max(1, ...(value?.items.map(({ events }) => events) ?? []));
  return (
    <section aria-labelledby="most-played">
      <div class="bar-of-fields">
        <h2 id="most-played">Most played</h2>
        {offered.length > 1 && (
          <nav class="tabs" aria-label="Kinds">
            {offered.map((each) => (
              <KindTab key={each} kind={each} place={place} />
            ))}
          </nav>
        )}
        <LengthField />
      </div>
      {problem !== undefined && <ProblemNote problem={problem} retry={retry} />}
      {problem === undefined && value === undefined && <Loading rows={10} />}
      {value !== undefined && (
        <>
          <RankedList
            label={`most played ${titles[kind].toLowerCase()}`}
            isLoading={isLoading}
            rows={value.items.map((each) => ({
              id: each.id,
              name: each.name,
              rank: each.rank,
              events: each.events,
              share: each.events / most,
              href: hrefOf(elsewhere(place, entityView(kind, each.id))),
              meta: <EntityMeta entity={each} />,
            }))}
          />
          <p class="quiet">
            {count(value.items.length)} of {plural(value.of, kind)}
          </p>
        </>
      )}
    </section>
  );
}

function KindTab({ kind, place }: { readonly kind: Kind; readonly place: CataloguePlace }): ComponentChild {
  const href = hrefOf(elsewhere(place, { view: 'catalogue', kind }));
  return (
    <a href={href} aria-current={kind === place.kind ? 'page' : undefined}>
      {titles[kind]}
    </a>
  );
}

function MostActive(): ComponentChild {
  const { place } = usePage();
  const { snapshot } = place;
  const { value, problem, retry } = useAnswer(query('listeners', { k: 10, snapshot }), 'listeners');
  return (
    <section aria-labelledby="most-active">
      <div class="bar-of-fields">
        <h2 id="most-active">Most active listeners</h2>
      </div>
      {problem !== undefined && <ProblemNote problem={problem} retry={retry} />}
      {problem === undefined && value === undefined && <Loading rows={10} />}
      {value !== undefined && (
        <>
          <RankedList
            label="most active listeners"
            unit="event"
            rows={value.users.map((each) => ({
              id: each.id,
              name: each.id,
              rank: each.rank,
              events: each.events,
              href: hrefOf(elsewhere(place, listenerView(each.id))),
            }))}
          />
          <p class="quiet">
            {count(value.users.length)} of {plural(value.of, 'listener')}
          </p>
        </>
      )}
    </section>
  );
}
