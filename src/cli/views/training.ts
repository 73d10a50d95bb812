/** What `train` prints: what was learned from, how the loss fell, and what to do next. */
import type { Chosen, TrainPlan, TrainResult } from '../../core/tasks/train.js';
import { modelInWords, byteSize, count, counted, decimals, duration, listed } from '../terminal/numbers.js';
import type { TrainingCounts } from '../../core/tasks/training-job.js';
import { knownFlag, withFlags } from '../terminal/option-names.js';
import { shellWord } from '../../core/shell-word.js';
import { sparkline } from '../terminal/bar.js';
import { commandLine, type CommandLine } from '../terminal/command-line.js';
import { drawReport, factsOfMade, type Fact } from '../terminal/facts.js';
import type { Screen } from '../terminal/screen.js';

export function drawTraining(result: TrainResult, screen: Screen, line = commandLine()): string {
  const { snapshot, epochs } = result;
  const losses = epochs.map((epoch) => epoch.loss);
  const first = losses[0];
  const last = losses.at(-1);
  const fall = screen.decorated && losses.length > 1 ? `  ${sparkline(losses)}` : '';
  const loss =
    first === undefined || last === undefined
      ? undefined
      : `${decimals(first)} → ${decimals(last)} in ${counted(epochs.length, 'epoch')}${fall}`;
  // The loss has its own line, with its whole course.
  const metrics = Object.entries(result.metrics)
    .filter(([name]) => name !== 'loss' || loss === undefined)
    .map(([name, value]) => [name, decimals(value)] as const);
  const headline = result.existed
    ? `Found snapshot ${snapshot} complete: the same training was done before`
    : `Trained snapshot ${snapshot} in ${duration(result.seconds)}`;
  const facts: Fact[] = [
    ['listening', listening(result)],
    ['times', times(result)],
    ['model', modelInWords(result)],
    ...(result.chosen === null ? [] : factsOfChoice(result.chosen)),
    ['loss', loss],
    ['epochs', howItEnded(result)],
    ...metrics,
    ...factsOfMade(result, nextOf(result, line)),
  ];
  return drawReport(headline, facts, screen);
}

/** What was chosen, why, and what is typed for the same. */
function factsOfChoice({ model, settings, users, reason, tried, train }: Chosen): Fact[] {
  const own = Object.entries(settings).map(([name, value]) => `, ${name} ${decimals(Number(value))}`);
  const measured = tried.map(({ model: name, ndcg, difference }) => {
    const more = difference === null ? '' : ` (${signed(difference.low)} to ${signed(difference.high)})`;
    return `${name} ${ndcg.toFixed(4)}${more}`;
  });
  const by = users > 0 ? `NDCG@10 on pairs held out of ${counted(users, 'user')}: ` : '';
  return [
    ['chosen', `${model}${own.join('')}`],
    ['because', `${by}${[measured.join(', '), reason].filter((text) => text !== '').join('; ')}`],
    ['the same by', train.map(shellWord).join(' ')],
  ];
}

function signed(difference: number): string {
  return `${difference < 0 ? '' : '+'}${difference.toFixed(4)}`;
}

/** A tag stays with its snapshot: the one with an index is given it too. */
function nextOf({ dim, tag }: Pick<TrainResult, 'dim' | 'tag'>, line: CommandLine): string {
  const named = tag === null ? [] : [tag];
  const publish = line('publish', ...named);
  if (dim === 0) return publish;
  return `${line('build-index', ...named.flatMap((name) => [name, '--tag', name]))}, then ${publish}`;
}

/** Where it did not simply run all its epochs. */
function howItEnded({ epochs, keptEpoch, stoppedBy, resumedAfter }: TrainResult): string | undefined {
  const words = [
    ...(resumedAfter === null ? [] : [`resumed from a checkpoint after epoch ${String(resumedAfter)}`]),
    ...(stoppedBy === 'early-stop' ? [`stopped early after ${String(epochs.length)}`] : []),
    ...(stoppedBy === 'time-budget'
      ? [`stopped after ${String(epochs.length)}: the time budget was used up`]
      : []),
    ...(keptEpoch === null || keptEpoch === epochs.length
      ? []
      : [`kept the model of epoch ${String(keptEpoch)}`]),
  ];
  return words.length === 0 ? undefined : words.join('; ');
}

export function drawPlan(plan: TrainPlan, screen: Screen, line = commandLine()): string {
  const options = Object.entries(plan.options)
    .filter(([, value]) => value !== 'auto')
    .map(([name, value]) => `--${name} ${valueText(value)}`);
  const found = Object.entries(plan.parameters).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? decimals(value) : valueText(value)}`,
  );
  const headline =
    plan.snapshot === null
      ? `Training would make a snapshot whose id depends on ${plan.choice?.chosen === null ? 'the model it chooses' : 'the epochs it runs'}; nothing was changed`
      : plan.existed
        ? `Snapshot ${plan.snapshot} already exists: training would find it complete`
        : `Training would make snapshot ${plan.snapshot}; nothing was changed`;
  const facts: Fact[] = [
    ...filesOf(plan.files),
    ...plan.examples.map((event): Fact => ['such as', example(event)]),
    ['listening', listening(plan)],
    ['times', times(plan)],
    ...plan.remarks.map(({ about, message, suggestions }): Fact => [
      about,
      withFlags([message, ...suggestions].join('. ')),
    ]),
    ...factsOfPlannedChoice(plan),
    ['dimensions', plan.dim > 0 ? count(plan.dim) : undefined],
    ['solver', plan.solver ?? undefined],
    ['memory', `about ${byteSize(plan.memoryBytes)}`],
    ['disk', `about ${byteSize(plan.diskBytes)}`],
    ['training', `about ${duration(plan.trainingSeconds)} on ${counted(plan.threads, 'thread')}`],
    ...(plan.spark === null ? [] : factsOfSpark(plan.spark)),
    ['options', options.join(' ')],
    ['from the data', found.length > 0 ? found.join(', ') : undefined],
    ['as read', plan.asRead === null ? undefined : line('train', ...wordsOf(plan.asRead))],
  ];
  return drawReport(headline, facts, screen);
}

function factsOfPlannedChoice({ choice, model, threads }: TrainPlan): Fact[] {
  if (choice === null) return [];
  const { chosen, candidates, users, seconds } = choice;
  if (chosen !== null) return factsOfChoice(chosen);
  const took = `about ${duration(seconds)} on ${counted(threads, 'thread')}`;
  return [
    ['choice', `among ${listed(candidates)}, by pairs held out of ${counted(users, 'user')}: ${took}`],
    ['below', `as if it were ${model} as it is by default`],
  ];
}

const mostFiles = 5;

/** Each of a few files; of many those that were read alike together. */
function filesOf(files: TrainPlan['files']): Fact[] {
  if (files.length <= mostFiles) return files.map((file): Fact => ['file', described(file)]);
  const alike = new Map<string, (typeof files)[number][]>();
  for (const file of files) {
    const { path, rows, skippedRows, leftOut, ...rest } = file;
    const key = JSON.stringify(rest);
    alike.set(key, [...(alike.get(key) ?? []), file]);
  }
  return [...alike.values()].map((group): Fact => {
    const [first] = group;
    const rows = group.reduce((sum, file) => sum + file.rows, 0);
    const skippedRows = group.reduce((sum, file) => sum + file.skippedRows, 0);
    const path = group.length === 1 ? first!.path : `${counted(group.length, 'file')} such as ${first!.path}`;
    return [group.length === 1 ? 'file' : 'files', described({ ...first!, path, rows, skippedRows })];
  });
}

/** What is typed to have files read so. */
function wordsOf({ events, ...options }: NonNullable<TrainPlan['asRead']>): string[] {
  const files = events.length <= mostFiles ? events : ['FILES'];
  const flags = Object.entries(options).flatMap(([name, value]) => {
    const flag = `--${knownFlag(name)}`;
    return value === true ? [flag] : [flag, value];
  });
  return [...files, ...flags];
}

function example({ user, item, type, weight, time }: TrainPlan['examples'][number]): string {
  const of = [
    ...(type === 'play' ? [] : [type]),
    ...(weight === 1 ? [] : [`weight ${decimals(weight)}`]),
    ...(time === null ? [] : [time.replace('T', ' ').replace(/(:\d\d)(?:\.\d+)?Z$/, '$1')]),
  ];
  return [`user ${JSON.stringify(user)}, item ${JSON.stringify(item)}`, ...of].join(', ');
}

function factsOfSpark(spark: NonNullable<TrainPlan['spark']>): Fact[] {
  const { executors, shuffledBytes, broadcastBytes, rowBytes, pairBytes, executorBytes } = spark;
  const each = counted(executors, 'executor');
  return [
    ['shuffled', `${byteSize(shuffledBytes)} to read the events; training shuffles nothing`],
    ['broadcast', `${byteSize(broadcastBytes)} of vectors an epoch, to each of ${each}`],
    ['sent', `${byteSize(pairBytes)} of pairs once, ${byteSize(rowBytes)} of vectors an epoch`],
    ['executor', `about ${byteSize(executorBytes)} of memory beside its JVM`],
  ];
}

function valueText(value: TrainPlan['options'][string]): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function listening({ events, interactions, users, items, skippedRows }: TrainingCounts): string {
  const skipped = skippedRows > 0 ? `; ${counted(skippedRows, 'bad row')} skipped` : '';
  const pairs = `${counted(interactions, 'pair')} of ${counted(users, 'user')} and ${counted(items, 'item')}`;
  return `${counted(events, 'event')}, ${pairs}${skipped}`;
}

/** To the minute: the range shows at a glance what is wrong with a column of times. */
function times({ firstAt, lastAt }: TrainingCounts): string | undefined {
  if (firstAt === null || lastAt === null) return undefined;
  const minute = (at: string): string => at.replace('T', ' ').replace(/(:\d\d):\d\d.*$/, '$1');
  return `${minute(firstAt)} to ${minute(lastAt)} UTC`;
}

function described({ path, format, gzip, columns, rows }: TrainPlan['files'][number]): string {
  const roles = Object.entries(columns).map(([role, column]) => `${role}=${String(column)}`);
  return `${path} (${format}${gzip ? ', gzip' : ''}, ${counted(rows, 'row')}): ${roles.join(', ')}`;
}
