/** What `recommend` prints: for whom, the items as a table, and why, where that was asked. */
import type { RecommendResult } from '../../core/tasks/ask.js';
import { drawAbsences, drawExplanation } from './explanation.js';
import { drawRanking } from '../terminal/item-table.js';
import { score } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

export async function drawRecommendations(result: RecommendResult, screen: Screen): Promise<string> {
  const { user, fallback, scoredBy, baseline, recommendations, whyNot = [] } = result;
  const who = `For ${user ?? 'a new user'}`;
  const headline = paragraph(fallback === undefined ? who : `${who}: the most popular items`, screen, 'bold');
  const table =
    recommendations.length === 0
      ? paragraph('nothing is left to recommend', screen)
      : await drawRanking(recommendations, 'score', screen, result.kind, (item) =>
          drawExplanation(item, screen),
        );
  const alike =
    scoredBy === 'popularity'
      ? paragraph('by number of plays, the same for every user', screen, 'dim')
      : baseline === undefined
        ? undefined
        : paragraph(
            `every score is the sum of these parts and of ${score(baseline).replace('-', '−')}, which the means of both models take away`,
            screen,
            'dim',
          );
  const absences = whyNot.length === 0 ? undefined : drawAbsences(whyNot, screen);
  return [headline, table, alike, absences].filter((part) => part !== undefined).join('\n\n');
}
