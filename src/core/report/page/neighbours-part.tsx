/** @jsxImportSource preact */
import type { VNode } from 'preact';
import { isItemItem } from '../../snapshot/item-item.js';
import { counted, score } from '../../number-text.js';
import type { ReportData } from '../gather-report.js';
import type { NeighbourExample } from '../neighbour-examples.js';
import { Data, Note, Section, titleOf } from './page-parts.js';

export function NeighboursPart({ data }: { readonly data: ReportData }): VNode {
  const { examples, withoutExamples, manifest } = data;
  const asked = examples.filter(({ isAsked }) => isAsked);
  const most = examples.filter(({ isAsked }) => !isAsked);
  const measure = isItemItem({ id: manifest.id, manifest })
    ? 'what one item gives to the score of another'
    : 'cosine';
  return (
    <Section id="neighbours" title="What is near to what">
      {withoutExamples === null ? (
        <p>{`The ten nearest, found exactly. The number is the similarity (${measure}).`}</p>
      ) : (
        <Note>{`There are no neighbours to show: ${withoutExamples}.`}</Note>
      )}
      {asked.length > 0 && (
        <>
          <h3>Of items asked for</h3>
          <Examples examples={asked} />
        </>
      )}
      {most.length > 0 && (
        <>
          <h3>Of the most played</h3>
          <Examples examples={most} />
        </>
      )}
    </Section>
  );
}

function Examples({ examples }: { readonly examples: readonly NeighbourExample[] }): VNode {
  return (
    <div class="examples">
      {examples.map(({ item, events, neighbours }) => (
        <article>
          <h4>
            <Data>{titleOf(item)}</Data>
          </h4>
          <span class="muted">
            {events > 0 && `${counted(events, 'event')} · `}
            <Data>{item.id}</Data>
          </span>
          {neighbours.length === 0 ? (
            <p class="muted">It has no direction: nothing is near to it.</p>
          ) : (
            <ol>
              {neighbours.map((near) => (
                <li>
                  <Data>{titleOf(near)}</Data>
                  <span>{score(near.similarity)}</span>
                </li>
              ))}
            </ol>
          )}
        </article>
      ))}
    </div>
  );
}
