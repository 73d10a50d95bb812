/**
 * Flags that were typed and do not apply to what is asked: they are refused by name, so that nobody waits for what they do. What
 * the environment gives is meant for all commands alike, and refused nowhere.
 */
import { AppError } from '../../core/errors.js';
import { sparkFlagNames } from './engine-flags.js';

/** The words of a command line, as its parser has read them; values of the environment are not among them. */
type TypedWords = readonly ({ readonly type: 'flag'; readonly flag: string } | { readonly type: 'arg' })[];

interface Meaningless {
  readonly flags: readonly string[];
  /** Whether they mean nothing here. */
  readonly where: boolean;
  /** Follows the flag's name. */
  readonly because: string;
  readonly instead?: string;
}

/** AppError 'bad-usage' for the first flag that was typed and means nothing. */
function refuse(words: TypedWords, rules: readonly Meaningless[]): void {
  const typed = new Set(words.flatMap((word) => (word.type === 'flag' ? [word.flag] : [])));
  for (const { flags, where, because, instead } of rules) {
    const flag = where ? flags.find((name) => typed.has(name)) : undefined;
    if (flag === undefined) continue;
    const typedAs = flag.length === 1 ? `-${flag}` : `--${flag}`;
    throw new AppError('bad-usage', `${typedAs} ${because}`, {
      suggestions: [`leave ${typedAs} out`, ...(instead === undefined ? [] : [instead])],
      details: { flag },
    });
  }
}

/** Of a command that Spark can do the work of. @param isInBulk that work is asked for */
function engineRules(engine: string, isInBulk = true, instead?: string): Meaningless[] {
  return [
    {
      flags: ['engine', ...sparkFlagNames],
      where: !isInBulk,
      because: 'is for work in bulk: other answers are computed on this machine',
      ...(instead === undefined ? {} : { instead }),
    },
    {
      flags: sparkFlagNames,
      where: engine !== 'spark',
      because: 'is for Spark, and the engine is local',
      instead: 'add --engine spark',
    },
  ];
}

const noFile = 'overwrites an existing file, and no file is written';
const noThreads = 'is for answers in bulk: others are computed on one thread';
const noEvents = 'applies to a file of events, and none is read';
const ofText = ['delimiter', 'quote', 'no-header', 'encoding'];

interface RecommendFlags {
  readonly recipe: string | undefined;
  readonly out: string | undefined;
  readonly explain: boolean;
  readonly engine: string;
}

/** @param many where many answers are asked for, for a file or a stream: the file of the users, where one lists them */
export function refuseMeaninglessToRecommend(
  words: TypedWords,
  { recipe, out, explain, engine }: RecommendFlags,
  many: { readonly usersFrom: string | undefined } | undefined,
): void {
  const isRecipe = recipe !== undefined;
  const isMany = many !== undefined;
  refuse(words, [
    {
      flags: ['reasons'],
      where: isMany,
      because: 'is for a new user, or for users given by id: answers in bulk have no explanations',
    },
    {
      flags: ['fallback'],
      where: isMany,
      because: 'is for users given by id: in bulk all users are known',
    },
    {
      flags: ['reasons'],
      where: isRecipe,
      because: "counts items of a user's history, and a recipe is explained by its parts",
    },
    {
      flags: ['reasons'],
      where: !explain,
      because: 'sets how many items --explain names, and --explain is not given',
      instead: 'add --explain',
    },
    {
      flags: ['threads'],
      where: !isMany || isRecipe,
      because: isMany ? 'does not apply to a recipe, which answers one user at a time' : noThreads,
    },
    ...engineRules(engine, isMany, 'add --all, or --users-from FILE'),
    { flags: ['force'], where: (out ?? '-') === '-', because: noFile, instead: '--out FILE' },
  ]);
}

/** Of a command that may read a table of items. */
export function refuseMeaninglessWithoutItems(words: TypedWords, items: string | undefined): void {
  refuse(words, [
    {
      flags: ['item-columns', 'item-delimiter', 'item-header', 'item-encoding'],
      where: items === undefined,
      because: 'applies to a table of items, and none is given',
      instead: '--items FILE',
    },
  ]);
}

/** Of a command that reads events and may leave out users and items with few of them. */
export function refuseMeaninglessWithoutMinimums(
  words: TypedWords,
  minimums: { readonly 'min-user-items': number; readonly 'min-item-users': number },
): void {
  refuse(words, [
    {
      flags: ['min-once'],
      where: minimums['min-user-items'] <= 1 && minimums['min-item-users'] <= 1,
      because: 'says how often the minimums are applied, and there is none',
      instead: 'add --min-user-items N or --min-item-users N',
    },
  ]);
}

export function refuseMeaninglessToTrain(
  words: TypedWords,
  flags: Parameters<typeof refuseMeaninglessWithoutMinimums>[1] & {
    readonly items?: string | undefined;
    readonly engine: string;
  },
): void {
  refuseMeaninglessWithoutItems(words, flags.items);
  refuseMeaninglessWithoutMinimums(words, flags);
  refuse(words, engineRules(flags.engine));
}

interface SimilarFlags {
  readonly browse: boolean;
  readonly out: string | undefined;
  readonly for: string | undefined;
  readonly engine: string;
}

/** @param isMany many answers are asked for, for a file or a stream */
export function refuseMeaninglessToSimilar(
  words: TypedWords,
  { browse, out, for: user, engine }: SimilarFlags,
  isMany: boolean,
): void {
  refuse(words, [
    {
      flags: ['browse'],
      where: isMany,
      because: 'starts from one item, and answers in bulk are written to a file',
    },
    { flags: ['k', 'exact'], where: browse, because: 'does not apply to --browse, which fills the screen' },
    { flags: ['for'], where: isMany, because: 'is about one user, and answers in bulk are for everyone' },
    {
      flags: ['include-heard'],
      where: browse,
      because: 'does not apply to --browse, which shows seen items too',
    },
    {
      flags: ['include-heard', 'no-feedback'],
      where: user === undefined,
      because: 'is about the user of --for, and none is named',
      instead: 'add --for USER',
    },
    { flags: ['threads'], where: !isMany, because: noThreads },
    ...engineRules(engine, isMany, 'add --all'),
    { flags: ['force'], where: (out ?? '-') === '-', because: noFile, instead: '--out FILE' },
  ]);
}

interface UserVectorFlags {
  readonly all: boolean;
  readonly events: string | undefined;
  readonly explain: boolean;
  readonly engine: string;
  readonly table?: readonly string[] | undefined;
}

export function refuseMeaninglessToUserVector(
  words: TypedWords,
  { all, events, explain, engine, table = [] }: UserVectorFlags,
  numUsers: number,
): void {
  const ofUsers = ['like', 'dislike', 'events', 'all', 'tag', 'threads', 'as-of', 'skip-bad-rows'];
  refuse(words, [
    {
      flags: [...ofUsers, 'columns', 'decimal-comma', ...ofText],
      where: explain,
      because: 'does not apply to --explain, which is about users of the snapshot as they are',
    },
    {
      flags: ['explain'],
      where: numUsers === 0,
      because: 'is about users of the snapshot, and none is named',
      instead: 'name a USER',
    },
    {
      flags: ['k'],
      where: !explain,
      because: 'sets how much --explain lists, and --explain is not given',
      instead: 'add --explain',
    },
    {
      flags: ['tag'],
      where: !all,
      because: 'names the snapshot that --all makes, and --all is not given',
      instead: 'add --all',
    },
    { flags: ['threads'], where: !all && events === undefined, because: noThreads },
    ...engineRules(engine, all, 'add --all'),
    {
      flags: ['decimal-comma', ...ofText, 'columns'],
      where: events === undefined && table.length === 0,
      because: noEvents,
      instead: '--events FILE',
    },
    { flags: ['skip-bad-rows'], where: events === undefined, because: noEvents, instead: '--events FILE' },
  ]);
}

/** @param file what is followed */
export function refuseMeaninglessToFollow(
  words: TypedWords,
  flags: {
    readonly 'add-events': string | undefined;
    readonly once: boolean;
    readonly out: string | undefined;
  },
  file: string | undefined,
): void {
  const { 'add-events': added, once, out } = flags;
  refuse(words, [
    {
      flags: ['once', 'stream', 'dedupe-for', 'every', 'max-lag'],
      where: added !== undefined,
      because: 'is about events that arrive, and a file that is added is there',
      instead: 'segue follow FILE',
    },
    { flags: ['stream'], where: file !== '-', because: 'names stdin', instead: 'segue follow -' },
    { flags: ['force'], where: (out ?? '-') === '-', because: noFile, instead: '--out FILE' },
    {
      flags: ['decimal-comma', ...ofText],
      where: added === undefined && !once,
      because: 'applies to a file that is read as it is, and this one is followed',
      instead: 'add --once',
    },
  ]);
}

export function refuseMeaninglessToImport(
  words: TypedWords,
  { events, items }: { readonly events: string | undefined; readonly items: string | undefined },
): void {
  refuse(words, [
    {
      flags: ['skip-bad-rows', 'columns', 'decimal-comma'],
      where: events === undefined,
      because: noEvents,
      instead: '--events FILE',
    },
    {
      flags: ofText,
      where: (events ?? items) === undefined,
      because: 'applies to text files of events and items, and neither is read',
    },
  ]);
}

export function refuseMeaninglessToExport(
  words: TypedWords,
  { what, out }: { readonly what: string; readonly out: string | undefined },
): void {
  refuse(words, [
    { flags: ['kind'], where: what === 'users', because: 'applies to items, and users are exported' },
    { flags: ['force'], where: (out ?? '-') === '-', because: noFile, instead: '--out FILE' },
  ]);
}

/** @param isJudged there are gates, by --require or in a file */
export function refuseMeaninglessToPublish(words: TypedWords, isJudged: boolean): void {
  refuse(words, [
    {
      flags: ['threads'],
      where: !isJudged,
      because: 'is for gates that are measured and for a report, and there are none',
      instead: 'add --require GATE, --gates FILE or --report FILE',
    },
  ]);
}

/** Without a terminal there is no browser at all, which is what is said then. */
export function refuseMeaninglessToBrowse(words: TypedWords, isTerminal: boolean): void {
  refuse(words, [
    {
      flags: ['json'],
      where: isTerminal,
      because: 'means nothing to the browser, which draws on the terminal and prints nothing',
      instead: 'segue similar ITEM --json',
    },
  ]);
}
