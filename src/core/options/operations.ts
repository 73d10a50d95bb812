/** What operations take that make snapshots, publish them, and look after them and the ledger. Queries are in queries.ts. */
import { catalogue as c } from './catalogue.js';
import { programOptions } from './catalogue/run-options.js';
import { anyFunction, choice, flag, like, number, or, required } from './kinds.js';
import { operation, type Operation } from './operation.js';
import {
  aging,
  engineRules,
  fileRules,
  itemTableRules,
  itemTexting,
  keying,
  minimumRules,
  onRoot,
  onSnapshot,
  reading,
  running,
  splitting,
  texting,
  refusing,
} from './operation-parts.js';
import { option, optional, pick, reworded } from './option.js';

export * from './queries.js';
export { onRoot };

const { at, stdin, sink, json } = programOptions;
/** --json, which every command has. */
const isJson = or(flag, false);
const out = required(reworded(sink, c.out));
const overwriting = reworded(c.force, { about: 'overwrite files that exist' });

export const train = operation(
  'train',
  {
    ...onRoot,
    events: or(c.events, []),
    ...pick(c, 'table'),
    ...running,
    items: c.itemTable,
    ...itemTexting,
    ...reading,
    model: c.trainedModel,
    ...pick(c, 'modelOptions', 'seed', 'threads', 'holdout', 'tag', 'withoutUsers', 'dryRun'),
    ...pick(c, 'checkpoint', 'earlyStop', 'timeBudget'),
  },
  { rules: [...itemTableRules, ...minimumRules, ...engineRules] },
);

export const evaluate = operation(
  'evaluate',
  {
    ...onRoot,
    events: or(c.events, []),
    items: c.itemTable,
    ...itemTexting,
    ...reading,
    ...pick(c, 'models', 'modelOptions'),
    snapshots: reworded(c.snapshots, {
      about: 'snapshot to measure: id, unique prefix, tag, current, previous or latest',
      group: 'MODEL',
      flag: 'snapshot',
    }),
    ...pick(c, 'as'),
    ...splitting,
    ...pick(c, 'test', 'splitAt', 'by', 'part'),
    at: c.cutoffs,
    ...pick(c, 'bootstrap', 'seed', 'threads'),
  },
  {
    rules: [
      ...minimumRules,
      ...itemTableRules,
      {
        options: ['items'],
        needs: ['split=cold-items', 'models:item-features', 'modelOptions:item-features'],
        because: 'says what items have in common, and no item is held out or drawn to it',
        instead: 'add `split` cold-items, or train with it: `model` als:item-features=all',
      },
      {
        options: ['by'],
        needs: ['split=cold-items'],
        because: 'says what new items have in common with others, and no item is held out',
        instead: 'add `split` cold-items',
      },
    ],
  },
);

export const tune = operation(
  'tune',
  {
    ...onRoot,
    events: required(c.events),
    ...reading,
    model: c.tunedModel,
    ...pick(c, 'modelOptions', 'space', 'trials', 'metric', 'trialsFile'),
    timeBudget: reworded(c.timeBudget, {
      about: 'stop the search, and the training that is under way, at this time, such as 10m or 2h',
    }),
    ...splitting,
    split: c.tunedSplit,
    test: reworded(c.test, { about: 'file of held-out events: only how popular its items are is looked at' }),
    ...pick(c, 'seed', 'threads'),
  },
  {
    rules: [
      ...minimumRules,
      {
        options: ['test'],
        needs: ['valid'],
        because: 'is held beside validation files: it needs `valid` FILE',
      },
      {
        options: ['space'],
        unless: ['model=all'],
        because: 'is of one model, and all of them are searched',
      },
    ],
  },
);

export const buildIndex = operation('buildIndex', {
  ...onSnapshot,
  ...pick(c, 'targetRecall', 'lists', 'seed', 'threads', 'tag'),
});

export const addItems = operation(
  'addItems',
  {
    ...onRoot,
    items: required(c.itemTable),
    snapshot: reworded(c.snapshot, {
      ...{ about: 'snapshot to add them to: id, unique prefix, tag, current, previous or latest' },
      ...{ flag: 'to', usually: 'latest' },
    }),
    ...pick(c, 'as', 'fromColumns', 'itemVectors', 'itemIds'),
    itemColumns: reworded(c.itemColumns, {
      about: 'which column of the table is which, and new names for others, such as id=1,name=title,artist=3',
    }),
    itemDelimiter: reworded(c.itemDelimiter, {
      ...{ about: 'column separator of the table', usually: 'as the first lines show, else comma' },
    }),
    itemHeader: reworded(c.itemHeader, {
      ...{ about: 'whether the first line of the table names its columns', usually: 'yes' },
    }),
    itemEncoding: reworded(c.itemEncoding, { about: 'encoding of the table', usually: 'utf-8' }),
    ...pick(c, 'threads', 'tag'),
  },
  {
    rules: [
      {
        ...{
          options: ['itemIds'],
          needs: ['itemVectors'],
          because: 'is of vectors of items, and none are given',
        },
        instead: '`itemVectors` FILE',
      },
    ],
  },
);

export const followEvents = operation(
  'followEvents',
  {
    ...onRoot,
    ...pick(c, 'as', 'follow', 'addEvents'),
    ...pick(c, 'state'),
    ...pick(c, 'stream', 'once'),
    ...texting,
    ...aging,
    ...pick(c, 'since', 'itemCap', 'blend', 'every', 'dedupeFor', 'maxLag', 'out'),
    force: reworded(c.force, { about: 'replace the file of `out`' }),
    write: like<(lines: string) => Promise<void>>('a function that takes lines', anyFunction),
    ...{ json, stdin },
  },
  {
    rules: [
      {
        options: ['addEvents'],
        unless: ['follow'],
        because: 'adds a file that is there, and FILE is one that grows: one of them at a time',
      },
      {
        options: ['once', 'stream', 'dedupeFor', 'every', 'maxLag'],
        needs: ['follow'],
        because: 'is about events that arrive, and a file that is added is there',
        instead: 'name a FILE that is followed',
      },
      { options: ['stream'], needs: ['follow=-'], because: 'names stdin', instead: 'follow -' },
      {
        options: Object.keys(texting).filter((name) => !Object.hasOwn(keying, name)),
        needs: ['addEvents', 'once'],
        because: 'applies to a file that is read as it is, and this one is followed',
        instead: 'add `once`',
      },
      ...fileRules,
    ],
    refuses: {
      skipBadRows: { because: 'is what is done here: bad rows become dead letters' },
      snapshot: { because: 'names one snapshot, and vectors are made by whatever is current' },
      ...refusing({ because: 'means nothing where events are followed or added, which name the users' }, [
        ...['users', 'like', 'dislike', 'all', 'events'],
      ]),
      ...refusing(
        { because: 'is for a new snapshot, and vectors are made by whatever is current' },
        ['tag', 'threads', 'feedback', 'skipWeight', 'table'],
        Object.keys(running),
      ),
    },
  },
);

export const importVectors = operation(
  'importVectors',
  {
    ...onRoot,
    vectors: required(c.vectors),
    ...pick(c, 'ids', 'idColumn', 'vectorColumn', 'countColumn'),
    items: c.itemTable,
    ...itemTexting,
    ...pick(c, 'userVectors', 'userIds'),
    events: c.historiesFrom,
    ...texting,
    format: c.vectorFormat,
    ...pick(c, 'eventFormat', 'skipBadRows', 'measure'),
    ...pick(c, 'foldOptions', 'threads', 'tag', 'dryRun'),
  },
  {
    rules: [
      {
        options: ['skipBadRows', 'columns', 'decimalComma', 'filter', 'types', 'sql', 'eventFormat'],
        needs: ['events'],
        because: 'applies to a file of events, and none is read',
        instead: '`events` FILE',
      },
      {
        options: ['delimiter', 'quote', 'noHeader', 'encoding'],
        needs: ['events', 'items'],
        because: 'applies to text files of events and items, and neither is read',
      },
      ...itemTableRules,
    ],
  },
);

export const exportVectors = operation(
  'exportVectors',
  {
    ...onSnapshot,
    ...pick(c, 'what', 'kind'),
    out,
    format: reworded(c.vectorFormat, { group: 'OUTPUT' }),
    force: overwriting,
  },
  {
    rules: [
      { options: ['kind'], unless: ['what=users'], because: 'applies to items, and users are exported' },
      { options: ['kind'], unless: ['what=matrix'], because: 'applies to vectors, and a matrix is of items' },
      ...fileRules,
    ],
  },
);

export const publish = operation(
  'publish',
  {
    ...onRoot,
    snapshot: optional(c.snapshot),
    ...pick(c, 'members', 'expect', 'require', 'gates', 'why', 'dryRun'),
    threads: optional(c.threads),
    at,
    report: c.reportFile,
  },
  {
    rules: [
      {
        options: ['members'],
        unless: ['snapshot'],
        because: 'names several snapshots, and `snapshot` one: one of them at a time',
      },
    ],
  },
);

export const rollback = operation(
  'rollback',
  { ...onRoot, ...pick(c, 'snapshot', 'toTime', 'expect', 'why', 'dryRun'), at },
  {
    rules: [
      {
        options: ['toTime'],
        unless: ['snapshot'],
        because: 'says what was current then: it cannot be given with a snapshot',
      },
    ],
  },
);

export const listSnapshots = operation('listSnapshots', { ...onRoot, ...pick(c, 'limit'), at });
export const showSnapshot = operation('showSnapshot', { ...onSnapshot, at });
export const history = operation('history', { ...onRoot, ...pick(c, 'limit') });

export const deleteSnapshots = operation('deleteSnapshots', {
  ...onRoot,
  snapshots: required(optional(c.snapshots)),
  force: reworded(c.force, { about: 'delete the previous and the latest snapshot too', group: 'RUN' }),
  ...pick(c, 'dryRun'),
});

export const verifySnapshots = operation(
  'verifySnapshots',
  {
    ...onRoot,
    snapshots: optional(c.snapshots),
    all: reworded(c.all, { about: 'verify every snapshot below the root', group: 'RUN' }),
  },
  {
    rules: [
      {
        options: ['all'],
        unless: ['snapshots'],
        because: 'is for every snapshot: it cannot be given with some',
      },
    ],
  },
);

export const tag = operation('tag', { ...onRoot, snapshot: required(c.snapshot), tag: required(c.tag) });
export const untag = operation('untag', { ...onRoot, tags: required(c.tags) });

export const gc = operation('gc', { ...onRoot, ...pick(c, 'keep', 'olderThan', 'dryRun'), at });

export const diffSnapshots = operation('diffSnapshots', {
  ...onRoot,
  ...pick(c, 'a', 'b'),
  as: c.comparedAs,
  k: reworded(c.k, {
    about: 'number of neighbours and recommendations to compare for each item and user',
    group: 'COMPARISON',
  }),
  ...pick(c, 'failOn', 'sample'),
  users: c.comparedUsers,
  ...pick(c, 'threads'),
  report: c.reportFile,
});

export const report = operation('report', {
  ...onSnapshot,
  ...pick(c, 'against'),
  item: c.examples,
  ...pick(c, 'training', 'evaluation', 'map'),
  out: or(
    option(sink, { about: 'HTML file to write; - is stdout', group: 'OUTPUT', value: 'FILE' }),
    'report.html',
  ),
  ...pick(c, 'figures', 'png'),
  force: overwriting,
  ...pick(c, 'threads'),
});

/** The same on a command line, which prints it in another way too. */
export const printDifference: Operation<
  typeof diffSnapshots.options & { format: typeof c.outputFormat; json: typeof isJson }
> = {
  ...diffSnapshots,
  options: { ...diffSnapshots.options, format: c.outputFormat, json: isJson },
  rules: [
    { options: ['format'], unless: ['json'], because: 'is how a text is printed, and `json` prints JSON' },
  ],
};

export const listRecipes = operation('listRecipes', onRoot);
export const resolveRecipe = operation('resolveRecipe', { ...onRoot, recipe: required(c.recipe) });
export const checkRecipe = operation('checkRecipe', { ...onSnapshot, recipe: required(c.recipe) });

export const addFeedback = operation(
  'addFeedback',
  {
    ...onSnapshot,
    user: required(c.user),
    item: required(c.item),
    type: required(c.type),
    ...pick(c, 'scope', 'weight', 'time', 'source', 'id', 'answeredBy', 'answeredRecipe', 'answeredRank'),
  },
  {
    rules: [
      {
        options: ['answeredRecipe', 'answeredRank'],
        needs: ['answeredBy'],
        because: 'is about an answer, and `answeredBy` does not name its snapshot',
        instead: 'add `answeredBy` ID',
      },
    ],
  },
);

/** Events of a request. */
export const addEvents = operation('addEvents', {
  ...keying,
  format: reworded(c.eventFormat, {
    about:
      'what the events are: a profile that comes with segue, such as listenbrainz; auto knows it by the keys of the first',
  }),
});

export const importFeedback = operation('importFeedback', {
  ...onSnapshot,
  files: required(c.files),
  ...texting,
  ...pick(c, 'skipBadRows', 'source'),
  stdin,
});
export const listFeedback = operation('listFeedback', { ...onSnapshot, ...pick(c, 'user', 'k') });
export const undoFeedback = operation('undoFeedback', { ...onSnapshot, ...pick(c, 'entry', 'user', 'item') });
export const exportFeedback = operation(
  'exportFeedback',
  {
    ...onRoot,
    out,
    format: c.feedbackFormat,
    force: reworded(c.force, { about: 'replace a file that is there' }),
    ...pick(c, 'answered'),
  },
  { rules: fileRules },
);
export const compactFeedback = operation('compactFeedback', onRoot);
export const verifyFeedback = operation('verifyFeedback', onRoot);
export const forgetUser = operation('forgetUser', {
  ...onRoot,
  user: required(c.user),
  state: c.states,
  ...pick(c, 'unfinished', 'dryRun'),
});

export const openReader = operation('openReader', {
  ...pick(c, 'as'),
  inMemory: or(programOptions.inMemory, true),
  workers: or(
    reworded(optional(c.workers), {
      about:
        'threads that answer, so that the event loop stays free: each has one question at a time, and all hold ' +
        'vectors and index in one memory. 0: the calling thread answers, as it does without SharedArrayBuffer. An ' +
        'abort ends a question between two windows of its search, one by a timeout (`AbortSignal.timeout`) also ' +
        'within them, after 25 ms; on the calling thread only before the search',
      usually: '0',
    }),
    0,
  ),
});

export const followCurrent = operation('followCurrent', {
  ...onRoot,
  pollMs: reworded(number({ min: 1 }), {
    about: 'how often to look, in ms, besides being notified of changes where the system can',
    usually: '1000',
  }),
  onChange: reworded(like<(snapshot: string, before: string) => void>('a function', anyFunction), {
    about: 'told after another snapshot took the place of the one before',
  }),
  onFailure: reworded(like<(error: unknown) => void>('a function', anyFunction), {
    about: 'told, once, that what is current cannot be opened or read; what was open before stays so',
  }),
});

export const serve = operation('serve', {
  ...pick(c, 'roots', 'as', 'host', 'port', 'allowHost', 'tokenFile', 'requireToken', 'workers', 'timeout'),
  ...pick(c, 'drain', 'maxRequests'),
  fallback: c.servedFallback,
  ...pick(c, 'logLevel', 'logFile', 'logDetails'),
});

export const explore = operation('explore', {
  ...onSnapshot,
  port: c.explorePort,
  ...pick(c, 'mayWrite', 'noOpen'),
});

export const completion = operation('completion', { shell: required(choice('bash', 'zsh', 'fish')) });
