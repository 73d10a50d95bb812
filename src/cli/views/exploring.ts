/** What `explore` prints when it answers: where the page is. */
import type { Exploring } from '../../core/serve/explore.js';
import { drawFacts } from '../terminal/facts.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

export function drawExploring({ page, snapshot, write }: Exploring, screen: Screen): string {
  const facts = drawFacts(
    [
      ['page', page],
      ['snapshot', snapshot],
      ['feedback', write ? 'is kept' : 'is only tried: --write keeps it'],
    ],
    screen,
  );
  return `${paragraph('Ctrl-C ends it', screen, 'bold')}\n${facts}`;
}
