import type { ComponentChild } from 'preact';

/** Where rows will be: nothing jumps when they come. */
export function Loading({ rows }: { readonly rows: number }): ComponentChild {
  return (
    <div class="loading" aria-hidden="true">
      {Array.from({ length: rows }, (_, at) => (
        <span key={at} class="loading-row" />
      ))}
    </div>
  );
}
