/** What `diff-snapshots` prints of two bundles: a row a name, then what is different under each that changed. */
import { conditionLines, drawMainDifferences } from './difference.js';
import { verdictSentence } from '../../core/comparison/difference-in-words.js';
import { bundleSentence, firstInWords, memberRows, sideName } from './difference-in-words.js';
import type { AskedFor, MemberRow } from './difference-in-words.js';
import type { BundleDiffResult, ComparedMember } from '../../core/tasks/diff-snapshots.js';
import type { CommandLine } from '../terminal/command-line.js';
import { drawFacts } from '../terminal/facts.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';
import { drawTable, type Column } from '../terminal/table.js';

export async function drawBundleDifference(
  result: BundleDiffResult,
  screen: Screen,
  asked: AskedFor,
  line: CommandLine,
): Promise<string> {
  const changed = result.members.filter(({ change }) => change === 'changed');
  const parts = [
    [paragraph(bundleSentence(result), screen, 'bold'), ...conditionLines(result, screen)].join('\n'),
    drawFacts(
      [
        ['A', sideName(result.a.bundle, asked.a)],
        ['B', sideName(result.b.bundle, asked.b)],
        ['first', firstInWords(result)],
      ],
      screen,
    ),
    await drawMembers(result, screen),
    ...(await Promise.all(changed.map((member) => drawMember(member, screen, asked, line)))),
  ];
  return parts.join('\n\n');
}

const measuredColumns: readonly Column<MemberRow>[] = [
  { head: 'overlap@10', cell: ({ neighbours }) => neighbours, align: 'right', optional: true },
  {
    head: 'recommendations',
    cell: ({ recommendations }) => recommendations,
    align: 'right',
    optional: true,
  },
];

function drawMembers(result: BundleDiffResult, screen: Screen): Promise<string> {
  const isMeasured = result.members.some(({ difference }) => difference !== null);
  return drawTable(
    memberRows(result),
    [
      { head: 'name', cell: ({ as }) => as, atLeast: 8 },
      { head: 'change', cell: ({ change }) => change },
      { head: 'A', cell: ({ a }) => a },
      { head: 'B', cell: ({ b }) => b },
      ...(isMeasured ? measuredColumns : []),
    ],
    screen,
  );
}

/** Without the lists of items and users, which `--as` shows. */
async function drawMember(
  { as, difference }: ComparedMember,
  screen: Screen,
  { a, b }: AskedFor,
  line: CommandLine,
): Promise<string> {
  if (difference === null) return '';
  return [
    paragraph(`${as}: ${verdictSentence(difference)}`, screen, 'bold'),
    ...(await drawMainDifferences(difference, screen)),
    drawFacts([['more', line('diff-snapshots', a, b, '--as', as)]], screen),
  ].join('\n\n');
}
