/**
 * What `diff-snapshots` prints, to be read in half a minute: the verdict, then what fits on a screen of 24 lines (how far
 * the two are alike, and what changed), then the details.
 */
import {
  cameAndWent,
  chosenSettings,
  dataInWords,
  differingSettings,
  heldOutOfOtherData,
  likenesses,
  metricInWords,
  qualityMetrics,
  valuesApart,
  verdictSentence,
  withoutNeighbours,
} from '../../core/comparison/difference-in-words.js';
import { conditionInWords, sideName, type AskedFor } from './difference-in-words.js';
import type { Likeness } from '../../core/comparison/difference-in-words.js';
import { writtenReport } from './publication.js';
import { drawDifferenceDetails } from './difference-details.js';
import type { BundleDiffResult, Difference, DiffResult } from '../../core/tasks/diff-snapshots.js';
import { drawFacts, type Fact } from '../terminal/facts.js';
import { count, counted, modelInWords } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import { safeText } from '../terminal/safe-text.js';
import type { Screen } from '../terminal/screen.js';
import { drawTable } from '../terminal/table.js';

/** More than these would push what is below them off the first screen; the details have all of them. */
const mostMetrics = 3;
const mostSettings = 4;
/** Room that the words beside a bar need for their long form. */
const besideWords = 40;

export async function drawDifference(result: DiffResult, screen: Screen, asked?: AskedFor): Promise<string> {
  const verdict = paragraph(verdictSentence(result), screen, 'bold');
  const parts = [
    [verdict, ...conditionLines(result, screen)].join('\n'),
    drawFacts(sides(result, asked), screen),
    ...(result.report === undefined ? [] : [paragraph(writtenReport(result.report), screen)]),
    ...(await drawMainDifferences(result, screen)),
    ...(await drawDifferenceDetails(result, screen)),
  ].filter((part) => part !== '');
  const drawn = parts.join('\n\n');
  // What has scrolled away is said again where the cursor ends up.
  const isTall = screen.height !== undefined && drawn.split('\n').length >= screen.height;
  return isTall ? `${drawn}\n\n${verdict}` : drawn;
}

/** How far the two are alike, and what changed: what fits on a screen. */
export async function drawMainDifferences(difference: Difference, screen: Screen): Promise<string[]> {
  return [await drawLikenesses(likenesses(difference), screen), drawFacts(changes(difference), screen)];
}

/** The conditions of --fail-on, those that fail first. */
export function conditionLines({ failOn }: Pick<BundleDiffResult, 'failOn'>, screen: Screen): string[] {
  return [...failOn.filter(({ holds }) => holds), ...failOn.filter(({ holds }) => !holds)].map(
    (condition) => {
      const line = `${condition.holds ? '✗' : '✓'} ${conditionInWords(condition)}`;
      return paragraph(line, screen, condition.holds ? 'red' : 'green');
    },
  );
}

function sides(result: DiffResult, asked: AskedFor | undefined): Fact[] {
  return (['a', 'b'] as const).map((side) => {
    const { items, users } = result[side];
    const ofUsers = users === null ? 'no users' : counted(users, 'user');
    const what = `${shortened(modelInWords(result[side]))}, ${counted(items, 'item')}, ${ofUsers}`;
    return [side.toUpperCase(), `${sideName(result[side].snapshot, asked?.[side])}: ${what}`];
  });
}

function drawLikenesses(rows: readonly Likeness[], screen: Screen): Promise<string> {
  return drawTable(
    rows,
    [
      { head: 'alike', cell: ({ name }) => name },
      { head: '', cell: ({ value }) => value, align: 'right', bar: ({ fraction }) => fraction },
      {
        head: '',
        cell: ({ brief, full }) => (full.length + besideWords <= screen.width ? full : brief),
      },
    ],
    screen,
  );
}

function changes(result: Difference): Fact[] {
  const { items, users, metrics } = result;
  const differing = differingSettings(result.settings);
  const quality = qualityMetrics(metrics);
  return [
    ['neighbours', withoutNeighbours(result)],
    ['items', cameAndWent(items)],
    ['users', users === null ? undefined : cameAndWent(users)],
    ['data', dataInWords(result)],
    ['settings', settingsInWords(chosenSettings(differing))],
    ...quality.slice(0, mostMetrics).map((metric): Fact => [metric.name, metricInWords(metric)]),
    ['note', heldOutOfOtherData(result) && quality.length > 0 ? otherData : undefined],
  ];
}

const otherData = 'each model was measured on its own data, which differ';

function settingsInWords(settings: DrawnSettings): string {
  if (settings.length === 0) return 'the same';
  const shown = settings.slice(0, mostSettings).map((pair) => {
    const [a, b] = valuesApart(pair);
    return `${shortened(pair.name.replace(/^model\./, ''))} ${shortened(a)} → ${shortened(b)}`;
  });
  const more = settings.length - shown.length;
  return shown.join(', ') + (more > 0 ? `, and ${count(more)} more below` : '');
}

type DrawnSettings = ReturnType<typeof chosenSettings>;

/** The tables below have the whole. */
function shortened(value: string): string {
  const safe = safeText(value);
  return safe.length > 30 ? `${safe.slice(0, 29)}…` : safe;
}
