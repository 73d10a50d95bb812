import type { ComponentChild } from 'preact';
import { lengths } from '../place/place.js';
import { usePage } from '../place/page-context.js';
import { Field } from './field.js';

/** How long lists are. */
export function LengthField(): ComponentChild {
  const { place, go } = usePage();
  const options = lengths.map((each) => [String(each), String(each)] as const);
  return (
    <Field
      label="show"
      value={String(place.k)}
      options={options}
      onPick={(k) => go({ ...place, k: Number(k) })}
    />
  );
}
