/** What `similar` prints: which item was asked about, and its neighbours as a table. */
import type { SimilarResult } from '../../core/tasks/ask.js';
import { drawRanking, itemTitle } from '../terminal/item-table.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

export async function drawNeighbours(result: SimilarResult, screen: Screen): Promise<string> {
  const { kind = 'item', neighbours } = result;
  const near = kind === 'item' ? 'Near' : `${kind.charAt(0).toUpperCase()}${kind.slice(1)}s near`;
  const headline = paragraph(`${near} ${asked(result)}`, screen, 'bold');
  if (neighbours.length === 0) return `${headline}\n\n${paragraph('nothing else is left', screen)}`;
  return `${headline}\n\n${await drawRanking(neighbours, 'similarity', screen, kind)}`;
}

/** The sum that was asked about: `A + 2 × B − C`. */
function asked({ query, minus, weights = [], vector }: SimilarResult): string {
  const terms = [
    ...query.map((item) => ({ title: itemTitle(item), isTaken: false })),
    ...minus.map((item) => ({ title: itemTitle(item), isTaken: true })),
    ...(vector === undefined
      ? []
      : [{ title: `the vector of ${vector.user ?? 'a new user'}`, isTaken: false }]),
  ];
  return terms
    .map(({ title, isTaken }, at) => {
      const weight = weights[at] ?? 1;
      const size = Math.abs(weight);
      const sign = isTaken || weight < 0 ? '−' : '+';
      const lead = at === 0 ? (sign === '+' ? '' : '− ') : ` ${sign} `;
      return `${lead}${size === 1 ? '' : `${size} × `}${title}`;
    })
    .join('');
}
