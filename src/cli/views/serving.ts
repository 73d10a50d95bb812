/** What `serve` and `explore` print when they answer: where, and from which snapshot. */
import type { Exploring } from '../../core/serve/explore.js';
import type { Serving } from '../../core/serve/serve.js';
import { drawFacts } from '../terminal/facts.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

export function drawServing({ url, roots, token }: Serving, screen: Screen): string {
  const names = roots.map(({ name, snapshot }) => (name === null ? snapshot : `${name} ${snapshot}`));
  const first = roots[0]?.name ?? null;
  return `${paragraph(`Serving at ${url}`, screen, 'bold')}\n${drawFacts(
    [
      [roots.length === 1 ? 'snapshot' : 'snapshots', names.join(', ')],
      ['token', token ?? undefined],
      ['try', `curl '${url}/v1${first === null ? '' : `/${first}`}/items?k=3'`],
      ['routes', `${url}/openapi.json`],
    ],
    screen,
  )}`;
}

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
