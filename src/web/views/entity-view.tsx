import type { ComponentChild } from 'preact';
import { useCallback } from 'preact/hooks';
import type { Answer } from '../../client/client.js';
import type { Kind } from '../api/answers.js';
import { facts, query, referenceTo } from '../api/queries.js';
import { useAnswer } from '../api/use-answer.js';
import { SideBySide, type RowGroup } from '../compare/side-by-side.js';
import { noTrial } from '../listener/trial.js';
import { EntityMeta } from '../lists/entity-meta.js';
import { Field } from '../parts/field.js';
import { LengthField } from '../parts/length-field.js';
import { Loading } from '../parts/loading.js';
import { Name, shortText } from '../parts/name.js';
import { ordinal, plural } from '../parts/numbers.js';
import { ProblemNote } from '../parts/problem-note.js';
import { elsewhere, entityView, hrefOf, subjectOf, type Place } from '../place/place.js';
import { useKinds, usePage, usePlaceName } from '../place/page-context.js';
import { AudienceList } from './audience-list.js';

type EntityPlace = Extract<Place, { readonly view: 'entity' }>;

const kindNames = { item: 'Item', artist: 'Artist', album: 'Album' } as const;
const many = { item: 'items', artist: 'artists', album: 'albums' } as const;

/** An item, artist or album: what is known of it, and what is near to it. */
export function EntityView({ place }: { readonly place: EntityPlace }): ComponentChild {
  const { kind, id, snapshot } = place;
  const subject = subjectOf(place);
  const { value, problem, isLoading, retry } = useAnswer(facts(kind, id, snapshot), subject);
  const title = value?.item.name ?? id;
  usePlaceName(title);
  return (
    <>
      <header class="subject">
        <p class="kind">{kindNames[kind]}</p>
        <h1 tabIndex={-1}>
          <Name text={title} isWhole />
        </h1>
        {value !== undefined && <EntityFactsLine facts={value} />}
        {problem !== undefined && <ProblemNote problem={problem} retry={retry} />}
      </header>
      {isLoading && value === undefined && <Loading rows={10} />}
      {value?.ranked === false && (
        <p class="quiet">Nobody played it: it has no vector, and so no neighbours.</p>
      )}
      {value?.ranked === true && (
        <>
          <NeighbourSection place={place} title={title} />
          <AudienceList key={subject} kind={kind} id={id} />
        </>
      )}
    </>
  );
}

function EntityFactsLine({ facts: known }: { readonly facts: Answer<'item'> }): ComponentChild {
  const { place } = usePage();
  const { item, kind, events, place: rank, of } = known;
  const likers = { ...noTrial, like: [item.id] };
  return (
    <>
      <p class="meta">
        <EntityMeta entity={item} />
      </p>
      <p class="facts">
        <span>
          <strong>{plural(events, 'play')}</strong>, {ordinal(rank)} of {plural(of, kind)}
        </span>
        <span>
          id{' '}
          <code>
            <Name text={item.id} isWhole />
          </code>
        </span>
        {kind === 'item' && known.ranked && (
          <a href={hrefOf(elsewhere(place, { view: 'newcomer', trial: likers }))}>
            For someone new who likes it
          </a>
        )}
      </p>
    </>
  );
}

function NeighbourSection({
  place,
  title,
}: {
  readonly place: EntityPlace;
  readonly title: string;
}): ComponentChild {
  const { kind, id, k, perArtist } = place;
  const { go } = usePage();
  const kinds = useKinds();
  const among = place.among ?? kind;
  const offered = (['item', 'artist', 'album'] as const).filter((each) => each === 'item' || kinds.has(each));
  const ask = useCallback(
    (snapshot: string | undefined) => {
      const item = referenceTo(kind, id);
      return query('similar', { item, k, kind: among, maxPerArtist: perArtist, snapshot });
    },
    [kind, id, k, among, perArtist],
  );
  const groupsOf = useCallback(
    (answer: Answer<'similar'>) => neighbourRows(answer, among, place),
    [among, place],
  );
  return (
    <section aria-labelledby="neighbours">
      <div class="bar-of-fields">
        <h2 id="neighbours">Neighbours</h2>
        {offered.length > 1 && (
          <Field
            label="among"
            value={among}
            options={offered.map((each) => [each, many[each]])}
            onPick={(each) => {
              const picked = offered.find((one) => one === each);
              const next = picked === kind ? undefined : picked;
              go({ ...place, among: next, perArtist: picked === 'artist' ? undefined : perArtist });
            }}
          />
        )}
        {among === 'item' && (
          <Field
            label="by one artist"
            value={String(perArtist ?? '')}
            options={[
              ['', 'any number'],
              ['1', 'at most 1'],
              ['2', 'at most 2'],
              ['3', 'at most 3'],
            ]}
            onPick={(each) => go({ ...place, perArtist: each === '' ? undefined : Number(each) })}
          />
        )}
        <LengthField />
      </div>
      <SideBySide
        subject={subjectOf(place)}
        label={`neighbours of ${shortText(title)}`}
        scoreName="similarity"
        kind={among}
        full={1}
        ask={ask}
        groupsOf={groupsOf}
        nothing="Nothing is near to it."
      />
    </section>
  );
}

function neighbourRows(
  { neighbours, tooFewEvents: few }: Answer<'similar'>,
  kind: Kind,
  place: Place,
): RowGroup[] {
  const rows = neighbours.map((each) => ({
    id: each.id,
    name: each.name,
    rank: each.rank,
    score: each.similarity,
    href: hrefOf(elsewhere(place, entityView(kind, each.id))),
    meta: <EntityMeta entity={each} />,
  }));
  const note = few && `Without ${few.leftOut} as near that have fewer than ${few.minEvents} plays.`;
  return [{ note, rows }];
}
