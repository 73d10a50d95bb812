/** What a snapshot can be asked, and which options mean something only beside others. */
import { catalogue as c } from './catalogue.js';
import { programOptions } from './catalogue/run-options.js';
import { required } from './kinds.js';
import {
  engineRules,
  fileRules,
  listening,
  noFile,
  obeying,
  onSnapshot,
  refusing,
  running,
  texting,
  selecting,
  aging,
  skipRules,
  writing,
} from './operation-parts.js';
import { operation, type Operation, type Rule } from './operation.js';
import { optional, pick, reworded } from './option.js';

const forRecipe = { because: 'applies to a recipe, and none is given', instead: 'add `recipe` NAME' };
const saysItself = { because: 'cannot be given with a recipe, which sets it itself' };
const forOne = {
  because: 'is for a new user, or for users given by id: answers in bulk have none',
  instead: 'leave out `all`, `usersFrom`, `out` and `format`',
};
const forMany = {
  because: 'is for answers in bulk: others are computed on one thread of this machine',
  instead: 'add `all`',
};
const inBulk = { ...refusing(forMany, ['threads', ...Object.keys(running)]), force: noFile };

const aboutUser: Rule = {
  options: ['includeHeard', 'feedback', 'skipWeight'],
  needs: ['for'],
  because: 'is about the user of `for`, and none is named',
  instead: 'add `for` USER',
};

/** An operation on a snapshot that is opened for it. */
function ofSnapshot<S extends object>(query: Operation<S>): Operation<S & typeof onSnapshot> {
  return { ...query, options: { ...onSnapshot, ...query.options } };
}

export const similarQuery = operation(
  'similar',
  {
    ...pick(c, 'items', 'minus', 'weights', 'vector', 'k', 'kind', 'exact', 'minEvents', 'maxPerArtist'),
    ...selecting,
    ...pick(c, 'for', 'includeHeard'),
    ...obeying,
  },
  { rules: [aboutUser, ...skipRules], refuses: inBulk },
);
export const similar = ofSnapshot(similarQuery);

export const similarAll = operation(
  'similarAll',
  {
    ...onSnapshot,
    all: reworded(c.all, { about: 'find the neighbours of every item' }),
    ...pick(c, 'k', 'kind', 'exact', 'minEvents'),
    ...selecting,
    ...writing,
  },
  {
    rules: [...engineRules, ...fileRules, ...skipRules],
    refuses: {
      for: { because: 'is about one user, and answers in bulk are for everyone' },
      ...Object.fromEntries(
        ['items', 'minus', 'weights', 'vector', 'maxPerArtist', 'includeHeard', 'feedback', 'skipWeight'].map(
          (name) => [name, { because: 'is for one answer, not for `all`' }],
        ),
      ),
      browse: { because: 'starts from one item, and answers in bulk are written to a file' },
    },
  },
);

const limiting = { ...pick(c, 'kind', 'maxPerArtist', 'includeHeard'), ...selecting };

const reasonsNeedExplain: Rule = {
  options: ['reasons'],
  needs: ['explain'],
  because: 'sets how many items `explain` names, and `explain` is not given',
  instead: 'add `explain`',
};

export const recommendQuery = operation(
  'recommend',
  {
    ...pick(c, 'users', 'k', 'like', 'dislike', 'vector'),
    ...limiting,
    ...obeying,
    ...pick(c, 'explain', 'reasons', 'whyNot', 'fallback'),
  },
  {
    rules: [reasonsNeedExplain, ...skipRules],
    refuses: {
      ...inBulk,
      ...refusing(forRecipe, ['seedItems', 'shown', 'page', 'asOf']),
    },
  },
);
export const recommend = ofSnapshot(recommendQuery);

/** What a recipe is told of one answer. */
const byRecipe = {
  ...pick(c, 'seedItems', 'shown', 'page'),
  asOf: reworded(c.asOf, { group: 'RECIPE' }),
};

export const recipeQuery = operation(
  'recipe',
  {
    recipe: required(c.recipe),
    ...listening,
    ...byRecipe,
    ...pick(c, 'includeHeard', 'explain', 'fallback'),
    k: optional(c.k),
    ...selecting,
  },
  {
    rules: skipRules,
    refuses: {
      ...inBulk,
      kind: saysItself,
      vector: saysItself,
      maxPerArtist: saysItself,
      reasons: { because: "counts items of a user's history, and a recipe is explained by its parts" },
      whyNot: {
        because: "asks about the model's own ranking, and a recipe makes another",
        instead: '`explain` says what a recipe passed over, and why',
      },
    },
  },
);
export const recommendByRecipe = { ...ofSnapshot(recipeQuery), name: 'recommendByRecipe' };

export const recommendAll = operation(
  'recommendAll',
  {
    ...onSnapshot,
    ...pick(c, 'usersFrom'),
    all: reworded(c.all, { about: 'recommend to every user of the snapshot' }),
    ...pick(c, 'users'),
    ...obeying,
    recipe: c.recipe,
    ...byRecipe,
    k: optional(c.k),
    ...limiting,
    ...writing,
    ...pick(programOptions, 'stdin'),
  },
  {
    rules: [
      {
        options: ['all'],
        unless: ['users', 'usersFrom'],
        because: 'is for all users: it cannot be given with users',
      },
      { options: ['seedItems', 'shown', 'page', 'asOf'], needs: ['recipe'], ...forRecipe },
      { options: ['kind', 'maxPerArtist'], unless: ['recipe'], ...saysItself },
      {
        options: ['threads'],
        unless: ['recipe'],
        because: 'does not apply to a recipe, which answers one user at a time',
      },
      {
        options: ['engine'],
        unless: ['recipe'],
        because: 'does not apply to a recipe, which answers one user at a time',
      },
      ...engineRules,
      ...fileRules,
      ...skipRules,
    ],
    refuses: {
      ...refusing(forOne, ['like', 'dislike', 'explain', 'whyNot', 'vector', 'reasons']),
      fallback: { because: 'is for users given by id: in bulk all users are known' },
    },
  },
);

export const userVectorQuery = operation('userVector', { ...listening, ...aging });

export const userVector = operation(
  'userVector',
  {
    ...onSnapshot,
    ...listening,
    ...aging,
    events: c.historiesFrom,
    ...texting,
    ...pick(c, 'skipBadRows'),
    all: reworded(c.all, { about: 'compute the vectors of all users, in a new snapshot', group: 'QUERY' }),
    ...pick(c, 'threads', 'tag'),
    ...running,
    ...pick(c, 'table'),
  },
  {
    rules: [
      {
        options: ['tag'],
        needs: ['all'],
        because: 'names the snapshot that `all` makes, and `all` is not given',
        instead: 'add `all`',
      },
      {
        options: ['all'],
        unless: ['users', 'like', 'dislike'],
        because: 'is for all users: it cannot be given with users, likes or dislikes',
      },
      {
        options: ['like', 'dislike'],
        unless: ['events'],
        because: 'can be given with a USER or alone, not with `events`',
      },
      {
        options: ['threads'],
        needs: ['all', 'events'],
        because: 'is for answers in bulk: others are computed on one thread',
      },
      {
        options: Object.keys(running),
        needs: ['all'],
        because: 'is for work in bulk: other answers are computed on this machine',
        instead: 'add `all`',
      },
      ...engineRules,
      {
        options: [...Object.keys(texting), 'skipBadRows'],
        needs: ['events', 'table'],
        because: 'applies to a file of events, and none is read',
        instead: '`events` FILE',
      },
    ],
    refuses: {
      k: { because: 'sets how much `explain` lists, and `explain` is not given', instead: 'add `explain`' },
    },
  },
);

export const listenerQuery = operation('listener', {
  user: required(c.user),
  k: c.facts,
  ...pick(c, 'halfLife'),
  ...obeying,
});
export const listener = ofSnapshot(listenerQuery);

/** The same of several users. */
export const listeners = operation(
  'listeners',
  {
    ...onSnapshot,
    ...pick(c, 'users'),
    explain: reworded(c.explain, {
      about:
        'show what is known of USER: what makes their recommendations, nearest items and users, how mainstream ' +
        'and broad they listen, what is recent, what moved since the snapshot published before, and bans',
    }),
    k: c.facts,
    ...pick(c, 'halfLife'),
    ...obeying,
  },
  {
    rules: [
      {
        options: ['explain'],
        needs: ['users'],
        because: 'is about users of the snapshot, and none is named',
        instead: 'name a USER',
      },
    ],
    refuses: refusing(
      { because: 'does not apply to `explain`, which is about users of the snapshot as they are' },
      Object.keys(userVector.options).filter(
        (name) => !['root', 'snapshot', 'as', 'users', 'halfLife', 'feedback', 'skipWeight'].includes(name),
      ),
    ),
  },
);

export const audienceQuery = operation('audience', {
  item: required(c.item),
  ...pick(c, 'k', 'minEvents', 'includeHeard'),
});
export const audience = ofSnapshot(audienceQuery);

export const itemsQuery = operation('items', pick(c, 'kind', 'words', 'where', 'k'));
export const listItems = { ...ofSnapshot(itemsQuery), name: 'listItems' };

export const usersQuery = operation('users', pick(c, 'prefix', 'k'));
export const listUsers = { ...ofSnapshot(usersQuery), name: 'listUsers' };

/** What an id or name means. */
export const itemQuery = operation('item', { item: required(c.item), ...pick(c, 'kind') });
export const showItemQuery = operation('showItem', { item: required(c.item) });
export const showItem = ofSnapshot(showItemQuery);
export const showUser = operation('showUser', {
  ...onSnapshot,
  user: required(c.user),
  ...pick(c, 'k'),
  ...obeying,
});

/** What is walked through in a terminal. */
export const openNeighbourSource = operation(
  'openNeighbourSource',
  { ...onSnapshot, ...pick(c, 'item', 'minEvents', 'for'), ...obeying },
  {
    rules: [aboutUser],
    refuses: {
      ...refusing({ because: 'is for the sum of several items, and `browse` starts at one item' }, [
        'items',
        'minus',
        'weights',
      ]),
      ...refusing({ because: 'does not apply to `browse`, which walks from item to item' }, [
        'vector',
        'kind',
      ]),
      ...refusing({ because: 'does not apply to `browse`, which fills the screen' }, ['k', 'exact']),
      ...refusing({ because: 'does not apply to `browse`, which shows everything' }, Object.keys(selecting), [
        'maxPerArtist',
        'includeHeard',
      ]),
      json: {
        because: 'means nothing to the browser, which draws on the terminal and prints nothing',
        instead: 'segue similar ITEM --json',
      },
    },
  },
);
export const browse: Operation<typeof openNeighbourSource.options & Pick<typeof c, 'browse'>> = {
  ...openNeighbourSource,
  options: { ...openNeighbourSource.options, browse: c.browse },
};
