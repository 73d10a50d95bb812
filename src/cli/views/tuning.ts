/** What `tune` prints: what was searched, the trials with the best first, and the command line of the best. */
import type { TunedTrial, TuneResult } from '../../core/tasks/tune.js';
import { drawReport, type Fact } from '../terminal/facts.js';
import { count, counted, decimals, duration } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';
import { shellWord } from '../../core/shell-word.js';
import { drawTable, type Column } from '../terminal/table.js';

/** Trials that a person reads; --json has all. */
const shownTrials = 15;

export async function drawTuning(result: TuneResult, screen: Screen): Promise<string> {
  const { split, metric, trials, trained, resumed } = result;
  const shown = trials.slice(0, shownTrials);
  const hidden = trials.length - shown.length;
  const facts: Fact[] = [
    [
      'measured',
      `${metric} of ${counted(split.users, 'user')}, ${counted(split.targets, 'target')} (validation, split ${split.kind})`,
    ],
    ['searched', result.space.join('  ')],
    [
      'trainings',
      `${count(trained)}${resumed > 0 ? `, and ${count(resumed)} of an earlier run` : ''}; kept in ${result.trialsFile}`,
    ],
    [
      'found',
      `${scoreText(result.best.best?.score ?? null)}; defaults ${scoreText(result.defaults)}, popularity ${scoreText(result.baseline)}`,
    ],
  ];
  const headline = `Tried ${counted(trials.length, 'setting')} of ${result.model} in ${duration(result.seconds)}`;
  return [
    drawReport(headline, facts, screen),
    '',
    await drawTable(shown, columnsOf(result), screen),
    ...(hidden > 0 ? [paragraph(`… and ${counted(hidden, 'trial')} below (--json has all)`, screen)] : []),
    '',
    paragraph('Train with what was found:', screen, 'bold'),
    result.train.map(shellWord).join(' '),
  ].join('\n');
}

function columnsOf({ metric, space, trials }: TuneResult): Column<TunedTrial>[] {
  const scores = trials.flatMap(({ best }) => best?.score ?? []);
  const [highest, lowest] = [Math.max(...scores), Math.min(...scores)];
  const flags = space.map((text) => text.slice(0, text.indexOf('=')));
  return [
    { head: 'trial', cell: ({ number }) => String(number), align: 'right' },
    {
      head: metric,
      cell: ({ best }) => scoreText(best?.score ?? null),
      align: 'right',
      bar: ({ best }) => ((best?.score ?? lowest) - lowest) / (highest - lowest || 1),
    },
    ...(trials.some(({ best }) => (best?.epochs ?? 0) > 0)
      ? [
          {
            head: 'epochs',
            cell: ({ best, checkpoints }: TunedTrial) =>
              `${String(best?.epochs ?? '–')} of ${String(checkpoints.at(-1)?.epochs ?? 0)}`,
            align: 'right' as const,
          },
        ]
      : []),
    ...flags.map((flag): Column<TunedTrial> => ({
      head: flag,
      cell: ({ settings, options }) => valueText(settings[flag] ?? options[flag]),
      align: 'right',
    })),
    { head: 'round', cell: ({ round }) => String(round), align: 'right', optional: true },
    { head: 'seconds', cell: ({ seconds }) => seconds.toFixed(1), align: 'right', optional: true },
  ];
}

function scoreText(score: number | null): string {
  return score === null ? 'diverged' : score.toFixed(4);
}

function valueText(value: string | number | undefined): string {
  return typeof value === 'number' ? decimals(value) : (value ?? '–');
}
