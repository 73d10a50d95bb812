import type { ComponentChild } from 'preact';
import type { Answer } from '../../client/client.js';
import { Name } from '../parts/name.js';
import { count, minute, percent, plural, score } from '../parts/numbers.js';
import { elsewhere, entityView, hrefOf, listenerView, type View } from '../place/place.js';
import { usePage } from '../place/page-context.js';

/** What is known of a listener, and how their vector stands among others. */
export function ListenerFactsList({ facts }: { readonly facts: Answer<'listener'> }): ComponentChild {
  const { contributions, nearest, recent, banned, disliked } = facts;
  return (
    <div class="known">
      <Numbers facts={facts} />
      {contributions !== null && (
        <>
          <Linked
            title={`What shapes their first ${count(contributions.recommendations)} recommendations`}
            all={contributions.items.map((each) => ({
              ...linkOf('item', each),
              number: percent(each.share),
            }))}
          />
          <Linked
            title="By artist"
            all={(contributions.artists ?? []).map((each) => ({
              ...linkOf('artist', each),
              number: percent(each.share),
            }))}
          />
        </>
      )}
      {nearest !== null && (
        <Linked
          title="Nearest listeners"
          all={nearest.users.map(({ id, similarity }) => ({
            id,
            name: id,
            view: listenerView(id),
            number: score(similarity),
          }))}
        />
      )}
      {recent !== null && (
        <>
          <Linked title="Gaining of late" all={recent.items.gaining.map((each) => linkOf('item', each))} />
          <Linked title="Losing of late" all={recent.items.losing.map((each) => linkOf('item', each))} />
        </>
      )}
      <Linked title="Banned" all={banned.map((each) => linkOf('item', each))} />
      <Linked title="Disliked" all={disliked.map((each) => linkOf('item', each))} />
    </div>
  );
}

function Numbers({ facts }: { readonly facts: Answer<'listener'> }): ComponentChild {
  const { events, items, firstAt, lastAt, taste } = facts;
  return (
    <dl class="numbers">
      <dt>History</dt>
      <dd>
        {plural(events, 'event')} of {plural(items, 'item')}
      </dd>
      {firstAt !== null && lastAt !== null && (
        <>
          <dt>From, to</dt>
          <dd>
            <time dateTime={firstAt}>{minute(firstAt)}</time> –{' '}
            <time dateTime={lastAt}>{minute(lastAt)}</time>
          </dd>
        </>
      )}
      {taste !== null && (
        <>
          <dt>Mainstream</dt>
          <dd>
            more than {percent(taste.mainstream.percentile)} of {plural(taste.comparedUsers, 'listener')}
          </dd>
          <dt>Variety</dt>
          <dd>
            as {plural(Math.round(taste.items.value), 'item')} played equally often; more than{' '}
            {percent(taste.items.percentile)} of listeners
          </dd>
        </>
      )}
    </dl>
  );
}

interface LinkedEntry {
  readonly id: string;
  readonly name: string;
  readonly view: View;
  readonly number?: string;
}

function linkOf(
  kind: 'item' | 'artist',
  { id, name }: { readonly id: string; readonly name: string },
): LinkedEntry {
  return { id, name, view: entityView(kind, id) };
}

function Linked({
  title,
  all,
}: {
  readonly title: string;
  readonly all: readonly LinkedEntry[];
}): ComponentChild {
  const { place } = usePage();
  if (all.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="linked">
        {all.map(({ id, name, view, number }) => (
          <li key={id}>
            <a href={hrefOf(elsewhere(place, view))}>
              <Name text={name} />
            </a>
            {number !== undefined && <span class="number">{number}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
