/** What `recommend` tells a person: for whom, the items as a table, and why, where that was asked. */
import type { ItemRecord } from '../../core/contracts.js';
import { drawAbsences, drawExplanation, type DrawnAbsence, type DrawnExplanation } from './explanation.js';
import { drawRanking } from '../terminal/item-table.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

export interface DrawnRecommendations {
  readonly user: string | null;
  readonly kind?: string;
  readonly fallback?: 'popularity';
  readonly scoredBy?: 'own-items' | 'popularity';
  readonly recommendations: readonly (ItemRecord & {
    readonly rank: number;
    readonly score: number;
  } & DrawnExplanation)[];
  readonly whyNot?: readonly DrawnAbsence[];
}

export async function drawRecommendations(result: DrawnRecommendations, screen: Screen): Promise<string> {
  const { user, fallback, scoredBy, recommendations, whyNot = [] } = result;
  const who = `For ${user ?? 'someone new'}`;
  const headline = paragraph(fallback === undefined ? who : `${who}: what is played most`, screen, 'bold');
  const table =
    recommendations.length === 0
      ? paragraph('nothing is left to recommend', screen)
      : await drawRanking(recommendations, 'score', screen, result.kind, (item) =>
          drawExplanation(item, screen),
        );
  const alike =
    scoredBy === 'popularity'
      ? paragraph(
          'because of how often they are played, whoever asks: no item of the user counts',
          screen,
          'dim',
        )
      : undefined;
  const absences = whyNot.length === 0 ? undefined : drawAbsences(whyNot, screen);
  return [headline, table, alike, absences].filter((part) => part !== undefined).join('\n\n');
}
