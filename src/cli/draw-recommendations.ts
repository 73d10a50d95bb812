/** What `recommend` tells a person: for whom, and the items as a table. */
import type { ItemRecord } from '../core/contracts.js';
import { drawRanking } from './item-table.js';
import { safeText } from './safe-text.js';
import { styled } from './screen.js';
import type { Screen } from './screen.js';

export interface DrawnRecommendations {
  readonly user: string | null;
  readonly recommendations: readonly (ItemRecord & { readonly rank: number; readonly score: number })[];
}

export async function drawRecommendations(result: DrawnRecommendations, screen: Screen): Promise<string> {
  const { user, recommendations } = result;
  const headline = styled(screen, 'bold', safeText(`For ${user ?? 'someone new'}`));
  if (recommendations.length === 0) return `${headline}\n\nnothing is left to recommend`;
  return `${headline}\n\n${await drawRanking(recommendations, 'score', screen)}`;
}
