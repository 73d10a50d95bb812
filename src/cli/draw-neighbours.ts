/** What `similar` tells a person: which item was asked about, and its neighbours as a table. */
import type { ItemRecord } from '../core/contracts.js';
import { drawRanking, itemTitle } from './item-table.js';
import { safeText } from './safe-text.js';
import { styled } from './screen.js';
import type { Screen } from './screen.js';

export interface DrawnNeighbours {
  readonly query: readonly ItemRecord[];
  readonly minus: readonly ItemRecord[];
  readonly neighbours: readonly (ItemRecord & { readonly rank: number; readonly similarity: number })[];
}

export async function drawNeighbours(result: DrawnNeighbours, screen: Screen): Promise<string> {
  const { query, minus, neighbours } = result;
  const asked = [query.map(itemTitle).join(' + '), ...minus.map(itemTitle)].join(' − ');
  const headline = styled(screen, 'bold', safeText(`Near ${asked}`));
  if (neighbours.length === 0) return `${headline}\n\nnothing else is left`;
  return `${headline}\n\n${await drawRanking(neighbours, 'similarity', screen)}`;
}
