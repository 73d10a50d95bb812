/** What `tune` prints: what was searched, the trials with the best first, and the command line of the best. */
import type { TunedModel, TunedTrial, TuneResult } from '../../core/tasks/tune.js';
import { drawReport, type Fact } from '../terminal/facts.js';
import { count, counted, decimals, duration } from '../terminal/numbers.js';
import { withFlags } from '../terminal/option-names.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';
import { shellWord } from '../../core/shell-word.js';
import { drawTable, type Column } from '../terminal/table.js';

/** Trials that a person reads; --json has all. */
const shownTrials = 15;

export async function drawTuning(result: TuneResult, screen: Screen): Promise<string> {
  const { split, metric, trials, models, trained, resumed } = result;
  const isOne = models.length === 1;
  // Of several models the best few of each: all of the best one's would hide the others.
  const few = Math.ceil(shownTrials / models.length);
  const rank = new Map(models.map(({ model }) => [model, 0]));
  const shown = trials.filter(({ model }) => {
    rank.set(model, (rank.get(model) ?? 0) + 1);
    return (rank.get(model) ?? 0) <= few;
  });
  const hidden = trials.length - shown.length;
  const facts: Fact[] = [
    [
      'measured',
      `${metric} of ${counted(split.users, 'user')}, ${counted(split.targets, 'target')} (validation, split ${split.kind})`,
    ],
    ...models.map((one): Fact => ['searched', searchedInWords(one, isOne)]),
    [
      'trainings',
      `${count(trained)}${resumed > 0 ? `, and ${count(resumed)} of an earlier run` : ''}; ${result.stoppedBy === 'time-budget' ? 'the time budget was used up; ' : ''}kept in ${result.trialsFile}`,
    ],
    [
      'found',
      `${scoreText(result.best.best?.score ?? null)}; ${nameOfDefaults(result)} ${scoreText(result.defaults)}, popularity ${scoreText(result.baseline)}`,
    ],
    ['compared', comparison(result)],
    ['item users', popularityInWords(split.popularity)],
  ];
  const headline = `Tried ${counted(trials.length, 'setting')} of ${isOne ? result.model : counted(models.length, 'model')} in ${duration(result.seconds)}`;
  return [
    drawReport(headline, facts, screen),
    '',
    await drawTable(shown, columnsOf(result), screen),
    ...(hidden > 0 ? [paragraph(`… and ${counted(hidden, 'trial')} below (--json has all)`, screen)] : []),
    '',
    paragraph(
      result.overDefaults?.isBetter === false ? 'Train with the defaults:' : 'Train with what was found:',
      screen,
      'bold',
    ),
    result.train.map(shellWord).join(' '),
  ].join('\n');
}

function searchedInWords({ model, space, trials, best, skipped }: TunedModel, isOne: boolean): string {
  const settings = space.join('  ');
  if (isOne) return settings;
  return skipped === null
    ? `${model}: ${scoreText(best)} of ${counted(trials, 'setting')}: ${settings}`
    : `${model}: left out: ${withFlags(skipped)}`;
}

function nameOfDefaults({ models }: TuneResult): string {
  return models.length === 1 ? 'defaults' : `defaults of ${models[0]?.model ?? ''}`;
}

/** How popular the items are that were tuned by, beside those of the test part. */
function popularityInWords(shift: TuneResult['split']['popularity']): string | undefined {
  if (shift === null) return undefined;
  const [valid, test] = [shift.valid, shift.test].map((users) => users.toPrecision(3));
  const means = `${valid ?? ''} of a validation target in training, ${test ?? ''} of a test target (means)`;
  return shift.isShifted ? `${means}: what is best on one need not be on the other` : means;
}

/** Whether what was found is better than the defaults, and how sure that is. */
function comparison(result: TuneResult): string | undefined {
  const { overDefaults: over, split } = result;
  if (over === null) return undefined;
  if (over.interval === null)
    return `not better than the default: ${counted(split.users, 'user')} are too few to tell`;
  const [low, high] = over.interval.map(signed);
  const by = `${signed(over.difference)} over the ${nameOfDefaults(result)} (95 % interval ${low ?? ''} to ${high ?? ''}, paired over users, for the best of all that were tried)`;
  return over.isBetter ? `better: ${by}` : `not better than the default: ${by}`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}

function columnsOf({ metric, models, space, trials }: TuneResult): Column<TunedTrial>[] {
  const scores = trials.flatMap(({ best }) => best?.score ?? []);
  const [highest, lowest] = [Math.max(...scores), Math.min(...scores)];
  const flags = models.length > 1 ? [] : space.map((text) => text.slice(0, text.indexOf('=')));
  return [
    ...(models.length > 1 ? [{ head: 'model', cell: ({ model }: TunedTrial) => model }] : []),
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
            cell: ({ best, checkpoints }: TunedTrial) => {
              const most = checkpoints.at(-1)?.epochs ?? 0;
              return most === 0 ? '–' : `${String(best?.epochs ?? '–')} of ${String(most)}`;
            },
            align: 'right' as const,
          },
        ]
      : []),
    ...flags.map((flag): Column<TunedTrial> => ({
      head: flag,
      cell: ({ settings, options }) => valueText(settings[flag] ?? options[flag]),
      align: 'right',
    })),
    ...(models.length > 1 ? [{ head: 'settings', cell: settingsText, atLeast: 10, comfortable: 60 }] : []),
    { head: 'round', cell: ({ round }) => String(round), align: 'right', optional: true },
    { head: 'seconds', cell: ({ seconds }) => seconds.toFixed(1), align: 'right', optional: true },
  ];
}

function settingsText({ settings }: TunedTrial): string {
  const texts = Object.entries(settings).map(([flag, value]) => `${flag}=${valueText(value)}`);
  return texts.length === 0 ? 'defaults' : texts.join(' ');
}

function scoreText(score: number | null): string {
  return score === null ? 'failed' : score.toFixed(4);
}

function valueText(value: string | number | undefined): string {
  return typeof value === 'number' ? decimals(value) : (value ?? '–');
}
