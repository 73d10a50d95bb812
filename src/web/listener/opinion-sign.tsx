import type { ComponentChild } from 'preact';
import type { Opinion } from './trial.js';

const paths: Readonly<Record<Opinion, string>> = {
  like: 'M8 13.5 2.9 8.4a3.2 3.2 0 0 1 0-4.6 3.2 3.2 0 0 1 4.6 0l.5.5.5-.5a3.2 3.2 0 0 1 4.6 0 3.2 3.2 0 0 1 0 4.6Z',
  dislike: 'M3 6.5 8 11.5l5-5M8 11.5v-9',
  ban: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM4.2 4.2l7.6 7.6',
};

/** A heart, an arrow down, a barred circle: told apart by their form. */
export function OpinionSign({ opinion }: { readonly opinion: Opinion }): ComponentChild {
  return (
    <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[opinion]} />
    </svg>
  );
}
