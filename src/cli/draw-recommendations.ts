/** What `recommend` tells a person: for whom, the items as a table, and why, where that was asked. */
import type { ItemRecord } from '../core/contracts.js';
import {
  drawAbsences,
  drawExplanation,
  type DrawnAbsence,
  type DrawnExplanation,
} from './draw-explanation.js';
import { drawRanking } from './item-table.js';
import { safeText } from './safe-text.js';
import { styled } from './screen.js';
import type { Screen } from './screen.js';

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
  const who = safeText(`For ${user ?? 'someone new'}`);
  const headline = styled(screen, 'bold', fallback === undefined ? who : `${who}: what is played most`);
  const answer =
    recommendations.length === 0
      ? 'nothing is left to recommend'
      : await drawRanking(recommendations, 'score', screen, result.kind);
  const [head = '', ...lines] = answer.split('\n');
  const explained = lines.flatMap((line, at) => [
    line,
    ...[drawExplanation(recommendations[at] ?? {}, screen)].filter((text) => text !== undefined),
  ]);
  const alike =
    scoredBy === 'popularity'
      ? styled(
          screen,
          'dim',
          'because of how often they are played, whoever asks: no item of the user counts',
        )
      : undefined;
  const table = [head, ...explained].join('\n');
  const absences = whyNot.length === 0 ? undefined : drawAbsences(whyNot, screen);
  return [headline, table, alike, absences].filter((part) => part !== undefined).join('\n\n');
}
