import type { ComponentChild } from 'preact';

/** What a screen reader says without the focus moving. A text that comes twice is put into the other of two places. */
export function LiveRegion({ text, turn }: { readonly text: string; readonly turn: number }): ComponentChild {
  return (
    <div class="unseen" role="status" aria-live="polite">
      <p>{turn % 2 === 0 ? text : ''}</p>
      <p>{turn % 2 === 0 ? '' : text}</p>
    </div>
  );
}
