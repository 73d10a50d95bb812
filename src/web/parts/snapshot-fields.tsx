import type { ComponentChild } from 'preact';
import type { SnapshotList } from '../api/answers.js';
import type { Asking } from '../api/use-answer.js';
import { usePage } from '../place/page-context.js';
import { Field } from './field.js';
import { ago } from './numbers.js';
import { ProblemNote } from './problem-note.js';

/** Which snapshot answers, and which one stands beside it. */
export function SnapshotFields({ list }: { readonly list: Asking<SnapshotList> }): ComponentChild {
  const { place, go } = usePage();
  const { value, problem, retry } = list;
  if (problem !== undefined) return <ProblemNote problem={problem} retry={retry} />;
  if (value === undefined) return null;
  const rows = value.snapshots.filter(({ damage }) => damage === null);
  const now = Date.parse(value.at);
  const named = rows.map((row) => [row.snapshot, nameOf(row, now)] as const);
  const standing =
    value.current === null ? `latest · ${value.latest ?? 'none'}` : `current · ${value.current}`;
  // By an address that was written by hand it may be any reference.
  const given = [place.snapshot, place.against].flatMap((each) =>
    each === undefined || rows.some(({ snapshot }) => snapshot === each) ? [] : [[each, each] as const],
  );
  const pick = (each: string): string | undefined => (each === '' ? undefined : each);
  return (
    <>
      <Field
        label="Snapshot"
        value={place.snapshot ?? ''}
        options={[['', standing], ...named, ...given]}
        onPick={(each) => go({ ...place, snapshot: pick(each) })}
      />
      <Field
        label="beside"
        value={place.against ?? ''}
        options={[['', 'none'], ...named, ...given]}
        onPick={(each) => go({ ...place, against: pick(each) })}
      />
    </>
  );
}

function nameOf(row: SnapshotList['snapshots'][number], now: number): string {
  const { snapshot, tags, model, dim, madeAt, current } = row;
  const what = [model, dim].filter((each) => each !== null).join(' ');
  const words = [
    snapshot,
    ...tags,
    ...(current ? ['current'] : []),
    what,
    madeAt === null ? '' : ago(madeAt, now),
  ];
  return words.filter((word) => word !== '').join(' · ');
}
