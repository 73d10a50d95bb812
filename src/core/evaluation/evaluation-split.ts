/** What `evaluate` trains on and measures with, from its files and the way to split them. */
import type {
  Count,
  Interactions,
  Pairs,
  Progress,
  Some,
  StringColumn,
  TaskContext,
  Text,
} from '../contracts.js';
import { AppError, refusedOption } from '../errors.js';
import { counted } from '../number-text.js';
import type { Targets } from './evaluate-ranker.js';
import { countEverything, splitOfFiles, type MeasuredSplit, type SplitFindings } from './measured-split.js';
import { popularityShift, shiftInWords, type PopularityShift } from './popularity-shift.js';
import { splitEvents, timeOfShare, type EventSplit, type MeasuredPart } from './split-events.js';
import { parseTime } from '../events/event-rules.js';
import { readInteractions, type FilesRead } from '../events/read-events.js';
import { textOptions } from '../events/text-options.js';
import { usualSplit } from '../options/catalogue/model-options.js';
import type { RecallOver } from '../numeric/ranking-metrics.js';
import type { LeftOutColumn, UsedColumn } from '../models/features/item-features.js';
import { warnOfTimes } from '../events/event-times.js';
import { noteRows } from '../events/reading-remarks.js';
import type { reading, splitting } from '../options/operation-parts.js';
import type { evaluate, train } from '../options/operations.js';
import type { Asked } from '../options/option.js';

export type SplitKind = (typeof splitting.split.choices)[number];

/** How events are read, as commands say it. */
export type ReadingOptions = Asked<Omit<typeof reading, 'format'> & Pick<typeof train.options, 'events'>>;

export type SplitOptions = ReadingOptions &
  Asked<Omit<typeof splitting, 'recallOver'>> &
  Asked<Pick<typeof evaluate.options, 'format' | 'test' | 'splitAt' | 'part' | 'seed' | 'threads'>> & {
    /** Whether something is trained that reads the order of plays. */
    readonly ordered?: boolean | undefined;
  };

export interface SplitSummary {
  readonly kind: SplitKind;
  readonly part: MeasuredPart;
  /** Of the split; null where nothing is drawn. */
  readonly seed: Count | null;
  /** Of each user's items, to be found. */
  readonly testShare: number | null;
  readonly heldOutUsers: Count | null;
  /** Training ends before it; ISO 8601. */
  readonly splitAt: string | null;
  readonly recallOver: RecallOver;
  /** What is trained on; null where nothing is. */
  readonly train: { readonly users: Count; readonly items: Count; readonly pairs: Count } | null;
  /** Who is measured, by how many targets. */
  readonly users: Count;
  readonly targets: Count;
  /** How popular the items are that are to be found; null where there is no other part, or nobody chooses by it. */
  readonly popularity: PopularityShift | null;
  /** Of cold-items alone: then users and targets are added up over seeds, and `train` is that of the first. */
  readonly cold?: {
    /** The column that items have categories of. */
    readonly by: Text;
    /** Columns that vectors of new items are made of, and those that say nothing. */
    readonly used: readonly UsedColumn[];
    readonly leftOut: readonly LeftOutColumn[];
    readonly seeds: Some<ColdSeed>;
  };
}

export interface ColdSeed {
  readonly seed: Count;
  /** Held out. */
  readonly items: Count;
  /** Of them, those without a category that an item of training has. */
  readonly itemsWithout: Count;
  /** Who is measured, and how many those were drawn from. */
  readonly users: Count;
  readonly drawnFrom: Count;
  readonly targets: Count;
}

/** AppErrors of reading, 'bad-usage' for options that do not go together, 'empty-input' where nobody can be measured. */
export async function splitForEvaluation(
  options: SplitOptions,
  context: TaskContext,
): Promise<{ readonly split: MeasuredSplit; readonly summary: SplitSummary }> {
  const kind = splitKindOf(options);
  if (kind === 'cold-items') throw new TypeError('items are drawn by coldDraws');
  if (options.events.length === 0) {
    throw new AppError('bad-usage', 'there is nothing to train on: name files of events', {
      suggestions: ['or measure an existing snapshot: `snapshot` REF `test` FILE'],
    });
  }
  const { split, other, about } = await splitters[kind](options, tellingOnce(context));
  for (const message of remarksOn(split.findings, split.targets, kind === 'temporal'))
    context.onProgress({ kind: 'warning', message });
  const { train, targets } = split;
  const users = split.histories.numUsers;
  if (train.pairs.item.length === 0) throw nothingToTrainOn(options);
  if (users === 0) throw nobodyToMeasure(kind, options);
  if (targets.item.length === 0) throw nothingKnown(options);
  const [valid, test] = options.part === 'valid' ? [split, other] : [other, split];
  const popularity =
    valid === undefined || test === undefined ? null : popularityShift(valid, test, options.seed);
  if (popularity?.isShifted === true)
    context.onProgress({ kind: 'warning', message: shiftInWords(popularity) });
  return {
    split,
    summary: {
      kind,
      part: options.part,
      ...{ seed: null, testShare: null, heldOutUsers: null, splitAt: null, recallOver: 'targets' },
      ...about,
      train: { users: train.users.length, items: train.items.length, pairs: train.pairs.item.length },
      users,
      targets: numTargets(targets),
      popularity,
    },
  };
}

type About = Partial<Pick<SplitSummary, 'seed' | 'testShare' | 'heldOutUsers' | 'splitAt' | 'recallOver'>>;
type Splitter = (
  options: SplitOptions,
  context: TaskContext,
) => Promise<{
  readonly split: MeasuredSplit;
  readonly other?: MeasuredSplit | undefined;
  readonly about: About;
}>;

const splitters: Readonly<Record<Exclude<SplitKind, 'cold-items'>, Splitter>> = {
  async strong(options, context) {
    const all = await readPart(options, options.events, context);
    const { testUsers = usualSplit.testUsers, testShare: share = usualSplit.testShare, seed } = options;
    const numUsers = all.users.length;
    const held = testUsers < 1 ? Math.floor(testUsers * numUsers) : Math.floor(testUsers);
    if (held < 1 || 2 * held >= numUsers) {
      throw new AppError(
        'empty-input',
        `${counted(numUsers, 'user')} cannot be split: ${held} for validation, as many for test, and one to train on are wanted`,
        {
          suggestions:
            numUsers < 3
              ? ['is that the column of users? Name it: `columns` user=NAME']
              : ['set how many: `testUsers` N, or a share such as 0.2', 'or `split` random'],
          details: { users: numUsers, heldOutUsers: held },
        },
      );
    }
    return {
      ...drawn(all, { kind: 'strong', heldOutUsers: held, share, seed }, options, context),
      about: { seed, testShare: share, heldOutUsers: held, recallOver: 'min-k' },
    };
  },
  async random(options, context) {
    const { testShare: share = usualSplit.testShare, seed } = options;
    const all = await readPart(options, options.events, context);
    return {
      ...drawn(all, { kind: 'random', share, seed }, options, context),
      about: { seed, testShare: share },
    };
  },
  async 'leave-last-out'(options, context) {
    const { seed } = options;
    const all = await readPart({ ...options, ordered: true }, options.events, context);
    if (all.lastAt === null) {
      const message = 'no event has a time: the row order is used as the play order';
      context.onProgress({ kind: 'warning', message });
    }
    return { ...drawn(all, { kind: 'leave-last-out', seed }, options, context), about: { seed } };
  },
  async temporal(options, context) {
    if (options.events.includes('-')) {
      throw new AppError('bad-usage', '`split` temporal reads the events twice, and stdin can be read once', {
        suggestions: ['write the events to a file first'],
      });
    }
    const { splitAt = usualSplit.trainShare } = options;
    const atMs = await cutOf(splitAt, options, context);
    const train = await readPart(options, options.events, context, { beforeMs: atMs });
    const everyone = { ...options, minUserItems: 1, minItemUsers: 1 };
    const test = await readPart(everyone, options.events, context, { fromMs: atMs });
    const rules = { leaveOutSeen: true, leaveOutNewUsers: true };
    return {
      split: splitOfFiles(train, train, test, rules),
      about: { splitAt: new Date(atMs).toISOString() },
    };
  },
  async files(options, context) {
    const everyone = { ...options, minUserItems: 1, minItemUsers: 1 };
    const train = await readPart(options, options.events, context);
    const { foldIn, part } = options;
    const folded = foldIn.length === 0 ? train : await readPart(everyone, foldIn, context);
    const test = options.test.length === 0 ? undefined : await readPart(everyone, options.test, context);
    const valid = options.valid.length === 0 ? undefined : await readPart(everyone, options.valid, context);
    const measured = part === 'test' ? test : valid;
    if (measured === undefined) throw new AppError('bad-usage', `\`on\` ${part} needs \`${part}\` FILE`);
    for (const message of leaksOf(train, folded, valid, test))
      context.onProgress({ kind: 'warning', message });
    const another = part === 'test' ? valid : test;
    return {
      split: splitOfFiles(train, folded, measured, countEverything),
      other: another && splitOfFiles(train, folded, another, countEverything),
      // Histories of other users are the protocol of Liang et al.; else that of LightGCN.
      about: { recallOver: foldIn.length > 0 ? 'min-k' : 'targets' },
    };
  },
};

/** Some splits read a file more than once, and would say of it each time what is odd. */
function tellingOnce(context: TaskContext): TaskContext {
  const warned = new Set<string>();
  return {
    ...context,
    onProgress(progress) {
      if (progress.kind === 'warning' && warned.has(progress.message)) return;
      if (progress.kind === 'warning') warned.add(progress.message);
      context.onProgress(progress);
    },
  };
}

function drawn(
  all: Interactions,
  split: EventSplit,
  { part }: SplitOptions,
  { onProgress }: TaskContext,
): { readonly split: MeasuredSplit; readonly other: MeasuredSplit | undefined } {
  const { remarks, ...result } = splitEvents(all, split, part);
  for (const message of remarks) onProgress({ kind: 'warning', message });
  return { split: result, other: part === 'valid' ? splitEvents(all, split, 'test') : undefined };
}

/** Reads some of the files, by the options that hold for all of them. */
export async function readPart(...asked: Parameters<typeof readFiles>): Promise<Interactions> {
  return (await readFiles(...asked)).interactions;
}

export async function readFiles(
  options: Omit<SplitOptions, 'events'>,
  files: readonly string[],
  context: TaskContext,
  times: { readonly beforeMs?: number; readonly fromMs?: number } = {},
): Promise<FilesRead> {
  const { format, skipBadRows, minWeight, minUserItems, minItemUsers } = options;
  const read = await readInteractions({
    ...textOptions(options),
    ...{ files, format, skipBadRows, minWeight, minUserItems, minItemUsers, ...times },
    ...{ minimumsOnce: options.minimumsOnce, ordered: options.ordered, threads: options.threads, ...context },
  });
  if (times.fromMs === undefined) noteRows(read.remarks, context);
  warnOfTimes(read.interactions, {}, context);
  return read;
}

/** The time that --split-at names, or that leaves the share of pairs before it. */
async function cutOf(text: string, options: SplitOptions, context: TaskContext): Promise<number> {
  const share = /^0?\.\d+$/.test(text) ? Number(text) : undefined;
  if (share === undefined) {
    const time = parseTime(text);
    if (typeof time === 'number') return time;
    const wanted = 'a time such as 2014-06-20 or 2014-06-20T12:00:00Z, or a share such as 0.8';
    throw refusedOption('splitAt', text, wanted);
  }
  const everyone = { ...options, minUserItems: 1, minItemUsers: 1 };
  // What is said of the files is said when they are split.
  const onProgress = (each: Progress): void => {
    if (each.kind !== 'note') context.onProgress(each);
  };
  const time = timeOfShare(await readPart(everyone, options.events, { ...context, onProgress }), share);
  if (time === undefined) throw noTimes(options, 'temporal');
  return time;
}

/** The split that is asked for. AppError 'bad-usage' for options of another one, and without events. */
export function splitKindOf(options: SplitOptions): SplitKind {
  const { events, split, test, valid, foldIn, splitAt } = options;
  const hasFiles = test.length + valid.length > 0;
  const kind = split ?? (hasFiles ? 'files' : splitAt !== undefined ? 'temporal' : 'strong');
  const given: readonly (readonly [flag: string, isGiven: boolean, kinds: readonly SplitKind[]])[] = [
    ['test', test.length > 0, ['files']],
    ['valid', valid.length > 0, ['files']],
    ['fold-in', foldIn.length > 0, ['files']],
    ['split-at', splitAt !== undefined, ['temporal']],
    ['test-users', options.testUsers !== undefined, ['strong']],
    ['test-share', options.testShare !== undefined, ['strong', 'random', 'cold-items']],
  ];
  for (const [flag, isGiven, kinds] of given) {
    if (!isGiven || kinds.includes(kind)) continue;
    throw new AppError('bad-usage', `\`${flag}\` does not apply to \`split\` ${kind}`, {
      suggestions: [`leave it out, or use it with \`split\` ${kinds.join(' or ')}`],
      details: { flag, split: kind },
    });
  }
  if (kind === 'files' && !hasFiles) throw new AppError('bad-usage', '`split` files needs `test` FILE');
  if (kind === 'temporal' && options.part === 'valid') {
    throw new AppError('bad-usage', '`on` valid does not apply to `split` temporal', {
      suggestions: ['to tune, split earlier: `splitAt` TIME'],
    });
  }
  if (events.length === 0) {
    throw new AppError('bad-usage', 'there is nothing to train on: name files of events', {
      suggestions: ['or measure an existing snapshot: `snapshot` REF `test` FILE'],
    });
  }
  return kind;
}

/** What is odd about whom and what is measured, as sentences. */
export function remarksOn(
  findings: SplitFindings,
  targets: Targets,
  leftOut: boolean,
  trained = 'training',
): string[] {
  const { unknownTargets, unknownItems, heardTargets, usersWithoutHistory, usersWithoutTargets } = findings;
  const all = numTargets(targets);
  return [
    ...(unknownTargets > 0
      ? [
          `${String(unknownTargets)} of ${String(all)} targets are of ${counted(unknownItems, 'item')} that ${trained} never saw: ` +
            'they count as misses',
        ]
      : []),
    ...(heardTargets > 0
      ? [
          leftOut
            ? `${String(heardTargets)} test pairs are in their user's history too: left out of the targets`
            : `${String(heardTargets)} of ${String(all)} targets are in their user's history too (a leak): they count as misses, since seen items are not recommended`,
        ]
      : []),
    ...(usersWithoutHistory > 0
      ? [
          leftOut
            ? `${String(usersWithoutHistory)} test users have no history: left out`
            : `${String(usersWithoutHistory)} test users have no history: they all get the same ranking`,
        ]
      : []),
    ...(usersWithoutTargets > 0
      ? [`${String(usersWithoutTargets)} test users have no target left: they are not measured`]
      : []),
  ];
}

/** What the files of a split share and should not. */
function leaksOf(
  train: Interactions,
  folded: Interactions,
  valid: Interactions | undefined,
  test: Interactions | undefined,
): string[] {
  const remarks: string[] = [];
  if (folded !== train) {
    const trained = new Set(idsOf(train.users));
    const both = idsOf(folded.users).filter((id) => trained.has(id)).length;
    if (both > 0)
      remarks.push(
        `${String(both)} users to fold in are also in the training data (a leak): they are not new to the model`,
      );
  }
  if (valid !== undefined && test !== undefined) {
    const both = sharedPairs(valid, test);
    if (both > 0) remarks.push(`${String(both)} pairs are in the validation and in the test files (a leak)`);
  }
  if (valid !== undefined) {
    const both = sharedPairs(valid, folded);
    if (both > 0) remarks.push(`${String(both)} validation pairs are in their user's history too (a leak)`);
    remarks.push(...strangersIn(valid, train, folded));
  }
  return remarks;
}

/** Users and items of the validation files that nothing else knows. */
function strangersIn(valid: Interactions, train: Interactions, folded: Interactions): string[] {
  const count = (ids: StringColumn, known: StringColumn): number => {
    const all = new Set(idsOf(known));
    return idsOf(ids).filter((id) => !all.has(id)).length;
  };
  const users = count(valid.users, folded.users);
  const items = count(valid.items, train.items);
  return users + items === 0
    ? []
    : [`the validation files name ${String(users)} users and ${String(items)} items that training never saw`];
}

function sharedPairs(a: Interactions, b: Interactions): number {
  const users = new Map(idsOf(b.users).map((id, row) => [id, row]));
  const items = new Map(idsOf(b.items).map((id, row) => [id, row]));
  const itemInB = Int32Array.from(idsOf(a.items), (id) => items.get(id) ?? -1);
  let shared = 0;
  for (let u = 0; u < a.users.length; u++) {
    const row = users.get(a.users.at(u));
    if (row === undefined) continue;
    const own = new Set(rowOf(b.pairs, row));
    for (const item of rowOf(a.pairs, u)) if (own.has(itemInB[item] ?? -1)) shared++;
  }
  return shared;
}

function rowOf({ indptr, item }: Pairs, u: number): Uint32Array {
  return item.subarray(indptr[u], indptr[u + 1]);
}

function idsOf(ids: StringColumn): string[] {
  return Array.from({ length: ids.length }, (_, row) => ids.at(row));
}

export function numTargets({ item, unknown }: Targets): number {
  return item.length + unknown.reduce((total, count) => total + count, 0);
}

function noTimes({ events }: SplitOptions, kind: SplitKind): AppError {
  return new AppError(
    'bad-usage',
    `\`split\` ${kind} needs times, and no event of ${events.join(', ')} has one`,
    {
      suggestions: ['say which column holds them: `columns` time=NAME', 'or use `split` random'],
    },
  );
}

function nothingToTrainOn({ events }: SplitOptions): AppError {
  return new AppError('empty-input', `the split leaves nothing of ${events.join(', ')} to train on`);
}

/** Not one target is of an item that is trained on: then nothing can be found, and the ids are probably others. */
function nothingKnown({ events, test, valid, part }: SplitOptions): AppError {
  const files = part === 'test' ? test : valid;
  return new AppError(
    'bad-input-file',
    `${(files.length === 0 ? events : files).join(', ')}: none of the items to be found is in training`,
    {
      suggestions: [
        files.length === 0
          ? 'each has too few events for one to be in training: is that the column of items? `columns` item=NAME'
          : 'check the ids: items need the same ids in all files',
      ],
    },
  );
}

export function nobodyToMeasure(kind: SplitKind, { test, valid, part }: SplitOptions): AppError {
  const files = (part === 'test' ? test : valid).join(', ');
  const reasons: Readonly<Record<SplitKind, readonly [why: string, advice: string]>> = {
    strong: [
      'no held-out user has five items that other users also have',
      'hold out more users: `testUsers`',
    ],
    random: ['no user has enough items to hold out a share of them', 'hold out a larger share: `testShare`'],
    'leave-last-out': ['no user has two items', 'measure new users instead: `split` strong'],
    'cold-items': [
      'no user has new items and others; new ones are drawn from those with five users or more',
      'hold out more items: `testShare`',
    ],
    temporal: ['no user from before the split has new items after it', 'split earlier: `splitAt` TIME'],
    files: [
      `no user of ${files} has a target`,
      'targets are plays and likes with a weight above 0: check `columns` and `minWeight`',
    ],
  };
  const [why, advice] = reasons[kind];
  return new AppError('empty-input', `the split leaves no test users: ${why}`, {
    suggestions: [advice],
    details: { split: kind },
  });
}
