import type { ComponentChild } from 'preact';
import type { Change } from '../compare/compare-lists.js';

/** What became of a row in the other list: a sign and a word, so that no one has to tell colours apart. */
export function ChangeMark({ change }: { readonly change: Change }): ComponentChild {
  switch (change.kind) {
    case 'same':
      return null;
    case 'entered':
      return <span class="change entered">+ entered</span>;
    case 'left':
      return <span class="change left">− left</span>;
    case 'moved': {
      const by = Math.abs(change.by);
      const [sign, word] = change.by > 0 ? ['▲', 'rose'] : ['▼', 'fell'];
      return (
        <span class="change moved">
          <span aria-hidden="true">{sign}</span> <span class="unseen">{word} by </span>
          {by}
        </span>
      );
    }
  }
}
