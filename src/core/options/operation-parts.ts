/** Options, and rules between them, that several operations share. */
import { catalogue as c } from './catalogue.js';
import { programOptions } from './catalogue/run-options.js';
import type { Refusal, Refusals, Rule } from './operation.js';
import { pick, reworded } from './option.js';

/** The same reason for several options. */
export function refusing(reason: Refusal, ...names: readonly (readonly string[])[]): Refusals {
  return Object.fromEntries(names.flat().map((name) => [name, reason]));
}

export const onRoot = pick(c, 'root');
export const onSnapshot = pick(c, 'root', 'snapshot', 'as');

/** Which items an answer may hold. */
export const selecting = pick(c, 'where', 'only', 'exclude', 'excludeFrom', 'skipUnknown');
/** Whether a ledger is obeyed. */
export const obeying = pick(c, 'feedback', 'skipWeight');
/** For whom. */
export const listening = { ...pick(c, 'users', 'like', 'dislike'), ...obeying };
export const aging = pick(c, 'halfLife', 'asOf');

/** How Spark is found, and what it is given. */
export const onSpark = pick(
  c,
  'sparkMaster',
  'sparkConf',
  'sparkSubmit',
  'python',
  'sparkStaging',
  'sparkNode',
);
/** Where the work runs. */
export const running = { ...pick(c, 'engine'), ...onSpark };

/** What objects of JSON are, one by one. */
export const keying = { ...pick(c, 'columns', 'filter', 'types'), format: c.eventFormat };
/** How events are read, and which of them count. */
export const texting = {
  ...pick(c, 'columns', 'delimiter', 'quote', 'noHeader', 'decimalComma', 'encoding'),
  ...pick(c, 'filter', 'types', 'sql'),
  format: c.eventFormat,
};
export const reading = {
  ...texting,
  ...pick(c, 'skipBadRows', 'minWeight', 'minUserItems', 'minItemUsers', 'minimumsOnce'),
};
export const itemTexting = pick(c, 'itemColumns', 'itemDelimiter', 'itemHeader', 'itemEncoding');

export const splitting = pick(c, 'split', 'valid', 'foldIn', 'testUsers', 'testShare', 'recallOver');

/** Answers for many, to a file or a stream. */
export const writing = {
  out: reworded(c.out, { group: 'BATCH' }),
  force: reworded(c.force, { about: 'overwrite the file of `out` if it exists', group: 'BATCH' }),
  threads: reworded(c.threads, { group: 'BATCH' }),
  format: c.rankingFormat,
  ...pick(programOptions, 'write', 'json'),
  ...running,
};

/** Of work that Spark can do. */
export const engineRules: readonly Rule[] = [
  {
    options: [...Object.keys(onSpark), 'table'],
    needs: ['engine=spark'],
    because: 'is for Spark, and the engine is local',
    instead: 'add `engine` spark',
  },
];

/** Of what may be written to a file. */
export const noFile = {
  because: 'overwrites an existing file, and no file is written',
  instead: '`out` FILE',
};
export const fileRules: readonly Rule[] = [
  { options: ['force'], unless: ['out=-'], needs: ['out'], ...noFile },
];

export const itemTableRules: readonly Rule[] = [
  {
    options: Object.keys(itemTexting),
    needs: ['items'],
    because: 'applies to a table of items, and none is given',
    instead: '`items` FILE',
  },
];

export const minimumRules: readonly Rule[] = [
  {
    options: ['minimumsOnce'],
    needs: ['minUserItems', 'minItemUsers'],
    because: 'says how often the minimums are applied, and there is none',
    instead: 'add `minUserItems` N or `minItemUsers` N',
  },
];

export const skipRules: readonly Rule[] = [
  {
    options: ['skipUnknown'],
    needs: ['exclude', 'only', 'excludeFrom', 'usersFrom'],
    because: 'passes over unknown names of a list, and there is none',
    instead: 'add `exclude` ITEM, `only` FILE or `excludeFrom` FILE',
  },
];
