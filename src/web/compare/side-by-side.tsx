import type { ComponentChild } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Kind } from '../api/answers.js';
import { query, referenceTo, type Query } from '../api/queries.js';
import { useAnswer, type Asking } from '../api/use-answer.js';
import { RankedList, type ListedRow } from '../lists/ranked-list.js';
import { Loading } from '../parts/loading.js';
import { Name, shortText } from '../parts/name.js';
import { plural } from '../parts/numbers.js';
import { ProblemNote } from '../parts/problem-note.js';
import { usePage, useSaid } from '../place/page-context.js';
import { compareLists, differenceInWords, type ListDifference } from './compare-lists.js';

/** Rows under a title of their own, or under none. */
export interface RowGroup {
  readonly title?: string | undefined;
  /** What is missing among them. */
  readonly note?: string | undefined;
  readonly rows: readonly ListedRow[];
}

export interface SideBySideProps<T> {
  /** While it is the same, a list stays until the next one is there. */
  readonly subject: string;
  /** What is listed, for headings and screen readers. */
  readonly label: string;
  readonly scoreName: string;
  readonly kind: Kind;
  /** The score whose bar is full; undefined: the best of the list. */
  readonly full?: number;
  readonly ask: (snapshot: string | undefined) => Query<T>;
  /** What a single list is compared with, such as the same list before a trial; undefined: with nothing. */
  readonly askBaseline?: ((snapshot: string | undefined) => Query<T>) | undefined;
  readonly groupsOf: (answer: T) => readonly RowGroup[];
  /** What there is to say where an answer has no rows. */
  readonly nothing: string;
}

/** A ranked list as a snapshot gives it, and, where the place names a second snapshot, as that gives it beside. */
export function SideBySide<T extends { readonly snapshot: string }>(
  props: SideBySideProps<T>,
): ComponentChild {
  const { subject, ask, askBaseline, groupsOf, label } = props;
  const { place } = usePage();
  const { snapshot, against } = place;
  const isAlone = against === undefined;
  const first = useGroups(ask(snapshot), `${subject} first`, groupsOf);
  const second = useGroups(isAlone ? undefined : ask(against), `${subject} second`, groupsOf);
  const baseline = useGroups(isAlone ? askBaseline?.(snapshot) : undefined, `${subject} baseline`, groupsOf);
  const [before, after] = isAlone ? [baseline.groups, first.groups] : [first.groups, second.groups];
  const difference = useMemo(
    () =>
      before === undefined || after === undefined ? undefined : compareLists(rowsOf(before), rowsOf(after)),
    [before, after],
  );
  const isCompared = !isAlone || askBaseline !== undefined;
  const words = difference === undefined ? undefined : differenceInWords(difference);
  const isLoading = first.isLoading || second.isLoading;
  const length = first.groups === undefined ? undefined : rowsOf(first.groups).length;

  const counted = isLoading || length === undefined ? undefined : `${label}: ${plural(length, 'result')}`;
  useSaid(counted === undefined || words === undefined ? counted : `${counted}. ${words}`);

  return (
    <>
      {isCompared && (
        <p class="difference">
          {isAlone && 'Against no trial: '}
          {words ?? '…'}
        </p>
      )}
      {isAlone ? (
        <Side {...props} {...first} changes={difference?.after} />
      ) : (
        <div class="sides">
          <Side {...props} {...first} changes={difference?.before} side="1" />
          <Side {...props} {...second} changes={difference?.after} side="2" />
        </div>
      )}
    </>
  );
}

interface Groups extends Omit<Asking<unknown>, 'value'> {
  readonly snapshot: string | undefined;
  readonly groups: readonly RowGroup[] | undefined;
}

function useGroups<T extends { readonly snapshot: string }>(
  query: Query<T> | undefined,
  subject: string,
  groupsOf: SideBySideProps<T>['groupsOf'],
): Groups {
  const { value, ...answer } = useAnswer(query, subject);
  const groups = useMemo(() => (value === undefined ? undefined : groupsOf(value)), [value, groupsOf]);
  return { ...answer, groups, snapshot: value?.snapshot };
}

interface SideProps<T> extends SideBySideProps<T>, Groups {
  readonly changes: ListDifference['before'] | undefined;
  /** Which of the two; undefined: there is only one. */
  readonly side?: '1' | '2';
}

function Side<T>(props: SideProps<T>): ComponentChild {
  const { problem, isLoading, retry, groups, changes, side, label, scoreName, kind, nothing } = props;
  const { place } = usePage();
  const asked = side === '2' ? place.against : place.snapshot;
  const ids = useMemo(() => (groups === undefined ? [] : rowsOf(groups).map(({ id }) => id)), [groups]);
  const plays = usePlays(kind, ids, asked);
  const name = props.snapshot ?? asked;
  const full =
    props.full ?? Math.max(...(groups === undefined ? [] : rowsOf(groups).map((row) => row.score ?? 0)), 0);
  return (
    <div class="side" data-side={side} aria-busy={isLoading}>
      {side !== undefined && (
        <h3>
          Snapshot <code>{name ?? 'that is current'}</code>
        </h3>
      )}
      {problem !== undefined && <ProblemNote problem={problem} retry={retry} />}
      {problem === undefined && groups === undefined && <Loading rows={10} />}
      {groups !== undefined && rowsOf(groups).length === 0 && <p class="quiet">{nothing}</p>}
      {groups?.map(({ title, note, rows }, at) => {
        if (rows.length === 0) return null;
        const named = [label, title === undefined ? title : shortText(title), side]
          .filter((part) => part !== undefined)
          .join(' ');
        return (
          <div key={at}>
            {title !== undefined && (
              <h3>
                <Name text={title} />
              </h3>
            )}
            {note !== undefined && <p class="quiet">{note}</p>}
            <RankedList
              label={named}
              rows={rows.map((row) => ({
                ...row,
                share: (row.score ?? 0) / full,
                events: plays.get(row.id),
                change: changes?.get(row.id),
              }))}
              scoreName={scoreName}
              isLoading={isLoading}
            />
          </div>
        );
      })}
    </div>
  );
}

function rowsOf(groups: readonly RowGroup[]): readonly ListedRow[] {
  return groups.flatMap(({ rows }) => rows);
}

/** How often each of a list was played, asked in one request; none of it while that is under way. */
function usePlays(
  kind: Kind,
  ids: readonly string[],
  snapshot: string | undefined,
): ReadonlyMap<string, number> {
  const queries = ids.map((id) => ({ item: referenceTo(kind, id) }));
  const asked = ids.length === 0 ? undefined : query('itemMany', { queries, snapshot });
  const { value } = useAnswer(asked, 'plays');
  return useMemo(() => {
    const known = value?.answers.flatMap((each) =>
      'item' in each ? [[each.item.id, each.events] as const] : [],
    );
    return new Map(known);
  }, [value]);
}
