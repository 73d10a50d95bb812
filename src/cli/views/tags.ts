/** What `snapshots tag` and `snapshots untag` prints: what changed, and how to take it back. */
import type { TagResult } from '../../core/tasks/snapshots/tag.js';
import type { UntagResult } from '../../core/tasks/snapshots/untag.js';
import { commandLine } from '../terminal/command-line.js';
import { drawFacts } from '../terminal/facts.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

export function drawTag(
  { tag, snapshot, previous, unchanged }: TagResult,
  screen: Screen,
  line = commandLine(),
): string {
  if (unchanged) return paragraph(`${snapshot} is tagged ${tag} already`, screen);
  if (previous === null) return paragraph(`Tagged ${snapshot} ${tag}`, screen);
  const undo = line('snapshots tag', previous, tag);
  return `${paragraph(`Moved the tag ${tag} to ${snapshot}`, screen)}\n${drawFacts(
    [
      ['before', previous],
      ['undo', undo],
    ],
    screen,
  )}`;
}

export function drawUntag({ untagged }: UntagResult, screen: Screen, line = commandLine()): string {
  return untagged
    .map(
      ({ tag, snapshot }) =>
        `${paragraph(`Removed the tag ${tag}`, screen)}\n${drawFacts(
          [
            ['was', snapshot],
            ['undo', line('snapshots tag', snapshot, tag)],
          ],
          screen,
        )}`,
    )
    .join('\n');
}
