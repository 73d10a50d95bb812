/** What `snapshots tag` and `snapshots untag` tell a person: what changed, and how to take it back. */
import { drawFacts } from './facts.js';
import type { Screen } from './screen.js';

export interface DrawnTag {
  readonly tag: string;
  readonly snapshot: string;
  readonly previous: string | null;
  readonly unchanged: boolean;
}

export function drawTag({ tag, snapshot, previous, unchanged }: DrawnTag, screen: Screen): string {
  if (unchanged) return `${snapshot} is tagged ${tag} already`;
  if (previous === null) return `Tagged ${snapshot} ${tag}`;
  return `Moved the tag ${tag} to ${snapshot}\n${drawFacts(
    [
      ['before', previous],
      ['undo', `segue snapshots tag ${previous} ${tag}`],
    ],
    screen,
  )}`;
}

export interface DrawnUntag {
  readonly untagged: readonly { readonly tag: string; readonly snapshot: string }[];
}

export function drawUntag({ untagged }: DrawnUntag, screen: Screen): string {
  return untagged
    .map(
      ({ tag, snapshot }) =>
        `Removed the tag ${tag}\n${drawFacts(
          [
            ['was', snapshot],
            ['undo', `segue snapshots tag ${snapshot} ${tag}`],
          ],
          screen,
        )}`,
    )
    .join('\n');
}
