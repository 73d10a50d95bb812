import type { ComponentChild } from 'preact';
import type { Step } from '../place/trail.js';
import { Name } from './name.js';

/** The walk to where one is. */
export function Crumbs({
  trail,
  name,
}: {
  readonly trail: readonly Step[];
  readonly name: string;
}): ComponentChild {
  if (trail.length === 0) return null;
  return (
    <nav class="crumbs" aria-label="The walk">
      <ol role="list">
        {trail.map((step) => (
          <li key={step.subject}>
            <a href={step.href}>
              <Name text={step.name} />
            </a>
          </li>
        ))}
        <li aria-current="page">
          <Name text={name} />
        </li>
      </ol>
    </nav>
  );
}
