/* Made by scripts/make-openapi.mjs from the routes of the service. */
export interface components {
  schemas: {
    /** @description The answer that made a user act, so that its effect can be measured. */
    readonly Attribution: {
      /** @description From 1. */
      readonly rank?: number;
      readonly recipe?: string;
      /** @description Id of the snapshot that answered. */
      readonly snapshot: string;
    };
    readonly Audience: {
      readonly item: components['schemas']['ItemRecord'];
      /** @description Users who would stand above the last of these, and have seen it, disliked or banned it; forgotten ones are not counted. */
      readonly leftOut: number;
      /** @description The largest score first, then by row. Fewer than k only where fewer are left. */
      readonly listeners: readonly components['schemas']['ListenerOfItem'][];
      /** @description Users of the snapshot. */
      readonly of: number;
      readonly snapshot: string;
      readonly tooFewEvents?: components['schemas']['TooFewEvents'];
    };
    readonly AudienceQuestion: {
      /**
       * @description Also recommend seen items (those in the user’s history)
       * @default false
       */
      readonly 'include-heard'?: boolean;
      /** @description Item, by id or name; also artist:… and album:… */
      readonly item: string;
      /**
       * @description Number of results
       * @default 10
       */
      readonly k?: number;
      /**
       * @description Minimum number of events of a neighbour (by audience, of a user); 0 keeps all
       * @default 5
       */
      readonly 'min-events'?: number;
    };
    /** @description A key of a recipe that reads a column of the catalogue. */
    readonly ColumnPart: {
      readonly column: string;
      readonly key: string;
    };
    /** @description A value of an item's columns, and what its vector adds to the score. */
    readonly ColumnReason: {
      readonly column: string;
      readonly contribution: number;
      readonly share: number | null;
      readonly value: string;
    };
    /** @description What one of their items, or all of theirs of an artist or album, add to the scores of their recommendations. */
    readonly Contribution: {
      readonly id: string;
      readonly name: string;
      readonly rank: number;
      /** @description Of the sum of these scores; below 0 where it takes away. */
      readonly share: number;
    } & {
      readonly [key: string]: string | number;
    };
    readonly Contributions: {
      readonly albums?: readonly components['schemas']['Contribution'][];
      /** @description Where the snapshot has artists, or albums. */
      readonly artists?: readonly components['schemas']['Contribution'][];
      /** @description The largest shares, either way, first. */
      readonly items: readonly components['schemas']['ItemContribution'][];
      /** @description Recommendations whose scores were taken apart: the first 50, seen items left out. */
      readonly recommendations: number;
    };
    readonly DiskUse: {
      /** @description Bytes of files that no other of the directories has: what would be free without this one. */
      readonly own: number;
      /** @description Bytes of files that others have too. */
      readonly shared: number;
    };
    readonly Event: {
      /** @description the same as `time` */
      readonly at?: unknown;
      /** @description id of the entry: the same id of the same user is added once, and with other content refused */
      readonly id?: unknown;
      /** @description item, by id or name; also artist:… and album:… */
      readonly item?: unknown;
      /** @description what it is about: the item alone, or all items of its artist or album */
      readonly scope?: unknown;
      /** @description where it was said, such as radio or discover */
      readonly source?: unknown;
      /** @description when it happened: ISO 8601, or unix seconds or milliseconds */
      readonly time?: unknown;
      /** @description what the user did or said */
      readonly type?: unknown;
      /** @description id of the entry of the same user that is taken back */
      readonly undoes?: unknown;
      /** @description id of a user */
      readonly user?: unknown;
      /** @description how much it counts */
      readonly weight?: unknown;
    };
    readonly FeedbackEntry: {
      /** @description Id of the snapshot whose answer the user reacted to */
      readonly 'answered-by'?: string;
      /** @description The place of the item in that answer, from 1 */
      readonly 'answered-rank'?: number;
      /** @description The recipe of that answer */
      readonly 'answered-recipe'?: string;
      /** @description Id of the entry: the same id of the same user is added once, and with other content refused */
      readonly id?: string;
      /** @description Item, by id or name; also artist:… and album:… */
      readonly item: string;
      /**
       * @description What it is about: the item alone, or all items of its artist or album
       * @enum {string}
       */
      readonly scope?: 'item' | 'artist' | 'album';
      /** @description Where it was said, such as radio or discover */
      readonly source?: string;
      /** @description When it happened: ISO 8601, or unix seconds or milliseconds */
      readonly time?: string | number;
      /**
       * @description What the user did or said
       * @enum {string}
       */
      readonly type: 'play' | 'like' | 'dislike' | 'skip' | 'ban' | 'unban';
      /** @description Id of a user */
      readonly user: string;
      /** @description How much it counts */
      readonly weight?: string | number;
    };
    readonly FeedbackForget: {
      /** @description Whether they are deleted; false where another process kept it from that, whose work ends with it. */
      readonly deleted: boolean;
      /** @description Entries of the ledger that hold of them, and that no answer uses any more. */
      readonly entries: number;
      /** @description From which time on the user is someone new, ISO 8601 UTC: what they did before is not taken any more. Now, or when the latest of their entries is dated. */
      readonly forgottenAt: string;
      readonly ledger: string | null;
      /** @description Snapshots that hold their history. No answer uses it; the files hold it until the snapshot is deleted. */
      readonly snapshots: readonly components['schemas']['HoldingSnapshot'][];
      /** @description Snapshots that could not be looked into. */
      readonly unreadable: readonly string[];
      readonly user: string;
    };
    readonly FeedbackUndo: {
      /** @description The latest entry of the user about the same that holds now; null where there is none. */
      readonly holds: components['schemas']['ShownEntry'] | null;
      readonly ledger: string;
      readonly undone: components['schemas']['ShownEntry'];
    };
    /** @description How many items were left to choose from, before seen items are left out. */
    readonly Filtered: {
      readonly allowed: number;
      readonly of: number;
      /** @description The predicate as it was understood, null without one. */
      readonly where: string | null;
    };
    /** @description A snapshot with the history of a user. */
    readonly HoldingSnapshot: {
      readonly id: string;
      readonly isCurrent: boolean;
    };
    readonly Item: {
      readonly events: number;
      readonly item: components['schemas']['ItemRecord'];
      /** @enum {string} */
      readonly kind: 'item' | 'artist' | 'album';
      /** @description Items that there are of the kind. */
      readonly of: number;
      /** @description Its place by events, from 1; of several with as many events the first. */
      readonly place: number;
      /** @description Whether it can be searched for and recommended: an item that nobody played cannot. */
      readonly ranked: boolean;
      readonly snapshot: string;
    };
    readonly ItemContribution: {
      readonly id: string;
      /** @description ISO 8601 UTC of the latest one; absent where it has no time. */
      readonly last?: string;
      readonly name: string;
      /** @enum {string} */
      readonly opinion: 'heard' | 'liked' | 'disliked';
      /** @description Their events with it. */
      readonly plays: number;
      readonly rank: number;
      /** @description Of the sum of these scores; below 0 where it takes away. */
      readonly share: number;
    } & {
      readonly [key: string]: string | number;
    };
    readonly ItemQuestion: {
      /** @description Item, by id or name; also artist:… and album:… */
      readonly item: string;
    };
    /** @description An item as every answer shows it: id, name, and the metadata that --items gave. */
    readonly ItemRecord: {
      readonly id: string;
      readonly name: string;
    } & {
      readonly [key: string]: string | number;
    };
    readonly Items: {
      /** @description By events, then row; of a search the best match first. */
      readonly items: readonly components['schemas']['ListedItem'][];
      /** @enum {string} */
      readonly kind: 'item' | 'artist' | 'album';
      /** @description Items that there are of the kind, those that nobody played among them. */
      readonly of: number;
      readonly snapshot: string;
      /** @description The predicate as it was understood; null without one. */
      readonly where: string | null;
      /** @description What was searched for; null: the most played are listed. */
      readonly words: string | null;
    };
    readonly ListedItem: {
      readonly events: number;
      readonly id: string;
      readonly name: string;
      readonly rank: number;
    } & {
      readonly [key: string]: string | number;
    };
    readonly ListedSnapshot: {
      readonly basis: string | null;
      readonly bytes: components['schemas']['DiskUse'];
      readonly current: boolean;
      /** @description What is wrong with it, as far as names and sizes tell; `snapshots verify` reads every byte. */
      readonly damage: components['schemas']['SnapshotProblem'] | null;
      readonly dim: number | null;
      readonly items: number | null;
      readonly latest: boolean;
      /** @description The mtime of its manifest, ISO 8601 UTC; null where that is missing. */
      readonly madeAt: string | null;
      /** @description Of a bundle. */
      readonly members?: readonly components['schemas']['Member'][];
      readonly metrics: {
        readonly [key: string]: number;
      };
      readonly model: string | null;
      readonly parent: string | null;
      readonly parts: readonly ('model' | 'users' | 'index')[];
      /** @description What was current before. */
      readonly previous: boolean;
      /** @description Of its index. */
      readonly recallAt10: number | null;
      readonly snapshot: string;
      readonly tags: readonly string[];
      readonly users: number | null;
    };
    readonly ListedUser: {
      readonly events: number;
      readonly id: string;
      readonly rank: number;
    };
    readonly Listener: {
      /** @description By row. */
      readonly banned: readonly components['schemas']['ItemRecord'][];
      /** @description null where scores are the same for everyone, the vector was imported, or nothing is known that they like. */
      readonly contributions: components['schemas']['Contributions'] | null;
      readonly disliked: readonly components['schemas']['ItemRecord'][];
      readonly events: number;
      /** @description The earliest and the latest of the items' latest events, ISO 8601; null without times. */
      readonly firstAt: string | null;
      /** @description Items of the history. */
      readonly items: number;
      readonly lastAt: string | null;
      /** @description null where there is nothing to compare with, the user is not in it, or nothing is known that they like. */
      readonly moved: components['schemas']['MovedTaste'] | null;
      /** @description By the cosine to their vector, exactly; null for a model whose users have none, and for a zero vector. */
      readonly nearest: {
        readonly items: readonly components['schemas']['NearItem'][];
        readonly users: readonly components['schemas']['NearUser'][];
      } | null;
      /** @description null without times, without vectors, and where the vector was imported. */
      readonly recent: components['schemas']['RecentTaste'] | null;
      readonly snapshot: string;
      /** @description null where they played nothing that they do not dislike. */
      readonly taste: components['schemas']['Taste'] | null;
      readonly user: string;
    };
    readonly ListenerOfItem: {
      /** @description Events of theirs with the item, or with the items of the artist or album: where those who have seen it are kept. */
      readonly events?: number;
      readonly id: string;
      readonly rank: number;
      readonly score: number;
    };
    readonly ListenerQuestion: {
      /**
       * @description Whether the ledger of feedback is obeyed: bans, likes and plays (docs/feedback.md)
       * @default true
       */
      readonly feedback?: boolean;
      /** @description Age at which an event counts half as much, such as 30d or 12h */
      readonly 'half-life'?: string;
      /**
       * @description Number of results
       * @default 5
       */
      readonly k?: number;
      /**
       * @description How much each skip in the ledger takes from the plays of its item
       * @default 0
       */
      readonly 'skip-weight'?: number;
      /** @description Id of a user */
      readonly user: string;
    };
    readonly ListenerVector: {
      /** @description The training whose items it can be compared with. */
      readonly basis: string;
      /** @description Whether the solution was reached to its tolerance. */
      readonly converged: boolean;
      readonly dim: number;
      /** @description Events that the vector was made from. */
      readonly events: number;
      readonly snapshot: string;
      /** @description null for a new user. */
      readonly user: string | null;
      readonly vector: readonly number[];
    };
    readonly Member: {
      /** @description What readers call it. */
      readonly as: string;
      /** @description Its id. */
      readonly snapshot: string;
    };
    readonly MovedTaste: {
      /** @description Of the items nearest to the user's vector; null where one of the models has no vectors. */
      readonly nearest: components['schemas']['Overlap'] | null;
      /** @description Of their recommendations. */
      readonly recommendations: {
        readonly entered: readonly components['schemas']['ItemRecord'][];
        readonly left: readonly components['schemas']['ItemRecord'][];
        /** @description Items of the longer list. */
        readonly of: number;
        readonly same: number;
      };
      /** @description The snapshot that is compared with. */
      readonly since: string;
    };
    readonly NamedItem: {
      readonly id: string;
      readonly name: string;
    };
    readonly NearItem: {
      readonly id: string;
      readonly name: string;
      /** @description Their events with it; 0 where it is not in their history. */
      readonly plays: number;
      readonly rank: number;
      readonly similarity: number;
    } & {
      readonly [key: string]: string | number;
    };
    readonly NearUser: {
      readonly id: string;
      readonly rank: number;
      readonly similarity: number;
    };
    /** @description Of two lists of the first 20 items, those that both have. */
    readonly Overlap: {
      /** @description Items of the longer list. */
      readonly of: number;
      readonly same: number;
    };
    readonly PassedOverItem: {
      readonly because:
        | {
            readonly key: string;
            readonly value: string;
          }
        | {
            /** @constant */
            readonly key: 'mmr';
            readonly nearest: components['schemas']['NamedItem'];
            readonly similarity: number;
          };
      readonly byScore: number;
      readonly id: string;
      readonly name: string;
      /** @description Of a start page: the row that it is not in. */
      readonly row?: number;
      readonly score: number;
    };
    /** @description A number, and the share of the users compared with that have a lower one (half of those with the same), 0..1. */
    readonly Placed: {
      readonly percentile: number;
      readonly value: number;
    };
    readonly Problem: {
      readonly code: string;
      readonly detail: string;
      readonly ids?: readonly string[];
      readonly pointer?: string;
      readonly requestId?: string;
      readonly status: number;
      readonly suggestions: readonly string[];
      readonly title: string;
      readonly type: string;
    };
    /** @description One of their items, and what it adds to a score. */
    readonly Reason: {
      /** @description Negative where it takes away. */
      readonly contribution: number;
      readonly id: string;
      /** @description ISO 8601 UTC of the latest one; null where it has no time. */
      readonly lastAt: string | null;
      /** @description The member of a blend whose part of the score this is: an item may be there for each of them. */
      readonly member?: string;
      readonly name: string;
      /** @enum {string} */
      readonly opinion: 'heard' | 'liked' | 'disliked';
      /** @description Events of the pair. */
      readonly plays: number;
      /** @description contribution / score, of a blend contribution / (score − baseline); null where that is not above 0. */
      readonly share: number | null;
    };
    readonly RecentTaste: {
      readonly artists?: components['schemas']['Shifts'];
      /** @description The user's latest event, from which ages count; ISO 8601. */
      readonly asOf: string;
      readonly halfLifeMs: number;
      readonly items: components['schemas']['Shifts'];
      /** @description Cosine of the two vectors. */
      readonly similarity: number;
    };
    readonly RecipeAnswer: {
      /** @description The moment that ages count from, where the recipe has any; ISO 8601 UTC. */
      readonly asOf: string | null;
      /** @description Keys of the recipe that were left out, since the catalogue lacks the column that they read; absent where none was. */
      readonly leftOut?: readonly components['schemas']['ColumnPart'][];
      /** @description Where one was asked for: which of the pages it is. */
      readonly page?: number;
      /** @description With `explain`: what scored better than something that is shown, and why it is not. */
      readonly passedOver?: readonly components['schemas']['PassedOverItem'][];
      readonly recipe: string;
      /** @description Ranked from 1; of a later page, from where the one before ended; of a start page row after row, each from 1. */
      readonly recommendations: readonly components['schemas']['RecipeItem'][];
      /** @description Of a start page: its rows, in order. */
      readonly rows?: readonly components['schemas']['RecipeRow'][];
      readonly snapshot: string;
      readonly unknownUser?: components['schemas']['UnknownUser'];
      /** @description null for a new user, or nobody. */
      readonly user: string | null;
    };
    readonly RecipeItem: {
      readonly id: string;
      /** @description With `explain`. */
      readonly ingredients?: readonly (
        | {
            /** @constant */
            readonly ingredient: 'source';
            readonly key: string;
            readonly near?: components['schemas']['NamedItem'];
            readonly rank: number;
            readonly score: number;
            readonly share: number;
            /** @enum {string} */
            readonly source: 'popular' | 'user' | 'seeds' | 'similar-to-history';
          }
        | {
            readonly factor: number;
            /** @constant */
            readonly ingredient: 'factor';
            readonly key: string;
          }
        | {
            /** @constant */
            readonly ingredient: 'slot';
            /** @constant */
            readonly key: 'promote';
          }
        | {
            readonly drawn: number;
            /** @constant */
            readonly ingredient: 'slot';
            /** @constant */
            readonly key: 'explore';
            readonly of: number;
          }
        | {
            readonly byScore: number;
            /** @description Its place after diversity, before an order was made. */
            readonly chosen: number;
            /** @constant */
            readonly ingredient: 'place';
            readonly mmr?: {
              readonly nearest: components['schemas']['NamedItem'] | null;
              readonly similarity: number;
              readonly value: number;
            };
            /** @description With `order: smooth`: the similarity to the item before it; null for the first. */
            readonly toPrevious?: number | null;
          }
      )[];
      readonly name: string;
      readonly rank: number;
      /** @description Of a start page: which row it is in, 1 … */
      readonly row?: number;
      readonly score: number;
      /**
       * @description Where it is not there by score: what its slot is for.
       * @enum {string}
       */
      readonly slot?: 'promoted' | 'explored';
    } & {
      readonly [key: string]: string | number;
    };
    readonly RecipeRow: {
      /** @description Items of the history that the row is made from, those listened to most first. */
      readonly madeFrom: readonly components['schemas']['ItemRecord'][];
      readonly title: string;
    };
    readonly Recommendations: {
      /** @description Of a blend, where that was asked for: what its members' means add to every score beside the contributions. */
      readonly baseline?: number;
      /**
       * @description Only where nothing is known that they like: what is there instead, the same for everyone. The score of an item is then the number of its events.
       * @constant
       */
      readonly fallback?: 'popularity';
      readonly filtered?: components['schemas']['Filtered'];
      /**
       * @description What is recommended, where that is not items.
       * @enum {string}
       */
      readonly kind?: 'artist' | 'album';
      /** @description With what explains each, where that was asked for and their own items do. */
      readonly recommendations: readonly ({
        /** @description Those of the largest contributions, either way, first; none that adds nothing. Empty: the score is that of any item. */
        readonly because?: readonly components['schemas']['Reason'][];
        readonly id: string;
        /** @description Of an item that nobody played, whose vector was made from its columns: which of its values make the score. */
        readonly knownBy?: readonly components['schemas']['ColumnReason'][];
        readonly name: string;
        readonly rank: number;
        /** @description All others together: with them, and the baseline of a blend, the contributions add up to the score. */
        readonly rest?: {
          readonly contribution: number;
          readonly items: number;
          readonly share: number | null;
        };
        readonly score: number;
      } & {
        readonly [key: string]: string | number;
      })[];
      /**
       * @description What explains the scores, where that was asked for.
       * @enum {string}
       */
      readonly scoredBy?: 'popularity' | 'own-items';
      readonly snapshot: string;
      readonly unknownUser?: components['schemas']['UnknownUser'];
      /** @description null for a new user. */
      readonly user: string | null;
      readonly vector?: components['schemas']['VectorOwner'];
      /** @description The items that were asked about, in that order. */
      readonly whyNot?: readonly {
        /** @description Those of the largest contributions, either way, first; none that adds nothing. Empty: the score is that of any item. */
        readonly because?: readonly components['schemas']['Reason'][];
        /** @description The flags of the question that leave it out. */
        readonly flags: readonly ('--exclude' | '--where' | '--only' | '--exclude-from')[];
        readonly id: string;
        /** @description Of an item that nobody played, whose vector was made from its columns: which of its values make the score. */
        readonly knownBy?: readonly components['schemas']['ColumnReason'][];
        /** @description The score of the last recommendation; null where there are fewer than were asked for. */
        readonly kthScore: number | null;
        readonly lastAt: string | null;
        readonly name: string;
        /** @description How many may be recommended, itself included. */
        readonly of: number;
        /** @description Their events with it, and the latest one's time, ISO 8601 UTC; 0 and null where there are none. */
        readonly plays: number;
        readonly rank: number | null;
        /**
         * @description The first of `reasons`.
         * @enum {string}
         */
        readonly reason:
          | 'hidden'
          | 'heard'
          | 'liked'
          | 'disliked'
          | 'no-vector'
          | 'banned'
          | 'excluded'
          | 'filtered'
          | 'capped'
          | 'outranked'
          | 'recommended';
        /** @description All that hold; each alone would keep it away. */
        readonly reasons: readonly (
          | 'hidden'
          | 'heard'
          | 'liked'
          | 'disliked'
          | 'no-vector'
          | 'banned'
          | 'excluded'
          | 'filtered'
          | 'capped'
          | 'outranked'
          | 'recommended'
        )[];
        /** @description All others together: with them, and the baseline of a blend, the contributions add up to the score. */
        readonly rest?: {
          readonly contribution: number;
          readonly items: number;
          readonly share: number | null;
        };
        readonly score: number | null;
      }[];
    };
    readonly RecommendQuestion: {
      /** @description Time from which ages are counted, ISO 8601 */
      readonly 'as-of'?: string;
      /** @description Item that a new user dislikes */
      readonly dislike?: readonly string[];
      /** @description Item to leave out */
      readonly exclude?: readonly string[];
      /**
       * @description Show which items of the user’s history, dislikes included, made each score; with `recipe`, which parts of the recipe
       * @default false
       */
      readonly explain?: boolean;
      /**
       * @description Whether the ledger of feedback is obeyed: bans, likes and plays (docs/feedback.md)
       * @default true
       */
      readonly feedback?: boolean;
      /**
       * @description Also recommend seen items (those in the user’s history)
       * @default false
       */
      readonly 'include-heard'?: boolean;
      /** @description Number of results */
      readonly k?: number;
      /**
       * @description Kind of entity: item, artist or album
       * @default item
       */
      readonly kind?: string;
      /** @description Item that a new user likes */
      readonly like?: readonly string[];
      /** @description Maximum number of results by one artist */
      readonly 'max-per-artist'?: number;
      /** @description Which page of -k items: none has an item of another */
      readonly page?: number;
      /**
       * @description Number of history items that `explain` names per result; the rest are summed
       * @default 3
       */
      readonly reasons?: number;
      /** @description Recommend by a recipe: a name that recipe list prints, or a file (docs/recipes.md) */
      readonly recipe?: string;
      /** @description Item that a recipe such as radio starts from */
      readonly 'seed-item'?: readonly string[];
      /** @description Item that was shown before, and counts what the recipe says */
      readonly shown?: readonly string[];
      /** @description Skip and count what `exclude` or a line of a file names and is not known, instead of stopping */
      readonly 'skip-unknown'?: boolean;
      /**
       * @description How much each skip in the ledger takes from the plays of its item
       * @default 0
       */
      readonly 'skip-weight'?: number;
      /**
       * @description Refuse a user whom nobody knows with 404, instead of an answer by the fallback
       * @default false
       */
      readonly strict?: boolean;
      /** @description Id of a user */
      readonly user?: string;
      /** @description Only items that match, such as 'released >= 1975 and artist != "Eagles"' (docs/filters.md) */
      readonly where?: string;
      /** @description Item for which to explain why it is not recommended, or give its rank */
      readonly 'why-not'?: readonly string[];
    };
    /** @description An item or artist, and its cosine to the two vectors. */
    readonly Shift: {
      readonly after: number;
      readonly before: number;
      readonly id: string;
      readonly name: string;
    } & {
      readonly [key: string]: string | number;
    };
    readonly Shifts: {
      /** @description What the recent vector is nearer to, by most first. */
      readonly gaining: readonly components['schemas']['Shift'][];
      readonly losing: readonly components['schemas']['Shift'][];
    };
    /** @description An entry of the ledger as answers show it. */
    readonly ShownEntry: {
      readonly answer?: components['schemas']['Attribution'];
      /** @description ISO 8601 UTC. */
      readonly at: string;
      readonly id: string;
      /** @description Id of the item, artist or album; null for an `undo`. */
      readonly item: string | null;
      /** @description What the snapshot calls the item; absent where it does not know it. */
      readonly name?: string;
      /** @enum {string} */
      readonly scope: 'item' | 'artist' | 'album';
      readonly seq: number;
      readonly source?: string;
      /** @enum {string} */
      readonly type: 'play' | 'like' | 'dislike' | 'skip' | 'ban' | 'unban' | 'undo';
      /** @description Of an `undo`: the entry that it takes back. */
      readonly undoes?: string;
      readonly user: string;
      readonly weight: number;
    };
    readonly Similar: {
      readonly filtered?: components['schemas']['Filtered'];
      /** @description For whom, where a user was named. */
      readonly for?: string;
      /**
       * @description What was looked among, where that is not items.
       * @enum {string}
       */
      readonly kind?: 'artist' | 'album';
      readonly minus: readonly components['schemas']['ItemRecord'][];
      /** @description The nearest first; at equal similarity the item with more events. Fewer than k only where fewer are left. */
      readonly neighbours: readonly components['schemas']['SimilarItem'][];
      /** @description What is no item says of which `kind` it is. */
      readonly query: readonly components['schemas']['ItemRecord'][];
      readonly search:
        | {
            /** @constant */
            readonly method: 'exact';
          }
        | {
            /** @constant */
            readonly method: 'ivf';
            /** @description Lists that a search for so many reads. */
            readonly probes: number;
            readonly recallAt10: number;
            /** @description Of the hundred nearest, likewise. */
            readonly recallAt100?: number;
            /** @description Its 95 % interval; absent where the index was built by an older version. */
            readonly recallInterval?: readonly number[];
          };
      readonly snapshot: string;
      readonly tooFewEvents?: components['schemas']['TooFewEvents'];
      readonly unknownUser?: components['schemas']['UnknownUser'];
      readonly vector?: components['schemas']['VectorOwner'];
      /** @description Of everything that was added up and taken away, in that order, where any were given. */
      readonly weights?: readonly number[];
    };
    readonly SimilarItem: {
      readonly id: string;
      readonly name: string;
      readonly rank: number;
      readonly similarity: number;
    } & {
      readonly [key: string]: string | number;
    };
    readonly SimilarQuestion: {
      /**
       * @description Compare with every item, even where an index would be faster
       * @default false
       */
      readonly exact?: boolean;
      /** @description Item to leave out */
      readonly exclude?: readonly string[];
      /**
       * @description Whether the ledger of feedback is obeyed: bans, likes and plays (docs/feedback.md)
       * @default true
       */
      readonly feedback?: boolean;
      /** @description User whose bans and dislikes are left out; by similar, seen items too */
      readonly for?: string;
      /**
       * @description Also recommend seen items (those in the user’s history)
       * @default false
       */
      readonly 'include-heard'?: boolean;
      /** @description Items to find neighbours of, by id or name; also artist:… and album:… */
      readonly item?: readonly string[];
      /**
       * @description Number of results
       * @default 10
       */
      readonly k?: number;
      /**
       * @description Kind of entity: item, artist or album
       * @default item
       */
      readonly kind?: string;
      /** @description Maximum number of results by one artist */
      readonly 'max-per-artist'?: number;
      /**
       * @description Minimum number of events of a neighbour (by audience, of a user); 0 keeps all
       * @default 5
       */
      readonly 'min-events'?: number;
      /** @description Item to subtract from the sum of the others */
      readonly minus?: readonly string[];
      /** @description Skip and count what `exclude` or a line of a file names and is not known, instead of stopping */
      readonly 'skip-unknown'?: boolean;
      /**
       * @description How much each skip in the ledger takes from the plays of its item
       * @default 0
       */
      readonly 'skip-weight'?: number;
      /**
       * @description Refuse a user whom nobody knows with 404, instead of an answer by the fallback
       * @default false
       */
      readonly strict?: boolean;
      /** @description Weight of each ITEM in order, then of each `minus`, then of `vector` */
      readonly weights?: readonly number[];
      /** @description Only items that match, such as 'released >= 1975 and artist != "Eagles"' (docs/filters.md) */
      readonly where?: string;
    };
    readonly SnapshotProblem: {
      readonly code: string;
      readonly message: string;
    };
    readonly Snapshots: {
      /** @description ISO 8601 UTC. */
      readonly at: string;
      readonly current: string | null;
      readonly latest: string | null;
      readonly previous: string | null;
      /** @description Links of the root that do not lead where they should. */
      readonly problems: readonly components['schemas']['SnapshotProblem'][];
      /** @description Newest first. */
      readonly snapshots: readonly components['schemas']['ListedSnapshot'][];
      /** @description Of all there are, shared files counted once. */
      readonly total: {
        readonly drafts: {
          readonly bytes: number;
          readonly count: number;
        };
        readonly snapshots: {
          readonly bytes: number;
          readonly count: number;
        };
        readonly trash: {
          readonly bytes: number;
          readonly count: number;
        };
      };
    };
    readonly Taste: {
      readonly artists?: components['schemas']['Placed'];
      /** @description Users compared with. */
      readonly comparedUsers: number;
      readonly items: components['schemas']['Placed'];
      readonly mainstream: components['schemas']['Placed'];
    };
    /** @description What would stand in an answer, or above the last of it, and has too few events. */
    readonly TooFewEvents: {
      readonly leftOut: number;
      readonly minEvents: number;
    };
    /** @description In the answer for such a user. */
    readonly UnknownUser: {
      /** @description Ids that come closest to theirs, best first. */
      readonly closest: readonly string[];
      /** @description What answered in place of their history: a recipe; null for what was asked, such as likes, without any. */
      readonly recipe: string | null;
    };
    readonly Users: {
      /** @description Users whose ids begin so, those who were forgotten among them. */
      readonly matching: number;
      /** @description Users that there are, likewise. */
      readonly of: number;
      readonly prefix: string | null;
      readonly snapshot: string;
      /** @description By events, then row. */
      readonly users: readonly components['schemas']['ListedUser'][];
    };
    /** @description Whose vector a file holds, as answers say it. */
    readonly VectorOwner: {
      /** @description The basis that it was taken to be of. */
      readonly basis: string;
      /** @description null for a new user, and where the file does not say. */
      readonly user: string | null;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export interface operations {
  readonly health: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly status: string;
          };
        };
      };
    };
  };
  readonly ready: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly problems: readonly string[];
            readonly status: string;
          };
        };
      };
    };
  };
  readonly served: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly roots: readonly {
              readonly epoch: number | null;
              readonly name: string | null;
              readonly snapshot: string;
            }[];
            readonly version: string;
          };
        };
      };
    };
  };
  readonly audience: {
    readonly parameters: {
      readonly query: {
        /** @description Where the page before ended: from its `link` header */
        readonly cursor?: string;
        /** @description Also recommend seen items (those in the user’s history) */
        readonly 'include-heard'?: boolean;
        /**
         * @description Item, by id or name; also artist:… and album:…
         * @example Plush
         */
        readonly item: string;
        /**
         * @description Number of results
         * @example 5
         */
        readonly k?: number;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description Minimum number of events of a neighbour (by audience, of a user); 0 keeps all */
        readonly 'min-events'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Audience'];
        };
      };
    };
  };
  readonly audienceMany: {
    readonly parameters: {
      readonly query?: {
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': {
          readonly queries: readonly components['schemas']['AudienceQuestion'][];
        };
      };
    };
    readonly responses: {
      /** @description An answer or a problem for each */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly answers: readonly (
              | components['schemas']['Audience']
              | {
                  readonly problem: components['schemas']['Problem'];
                }
            )[];
          };
        };
      };
    };
  };
  readonly events: {
    readonly parameters: {
      readonly query?: {
        /** @description Which column is which, by name or position, such as user=listener,item=track,time=at; also weight and type; item=artist+track joins two columns into an id */
        readonly columns?: string;
        /** @description Leave out rows that do not match, such as "ms_played >= 30000"; docs/filters.md */
        readonly filter?: string;
        /** @description What the events are: a profile that comes with segue, such as listenbrainz; auto knows it by the keys of the first */
        readonly format?: string;
        /** @description What the types of a file mean, such as like=addtocart,transaction */
        readonly types?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': {
          readonly events: readonly components['schemas']['Event'][];
        };
      };
    };
    readonly responses: {
      /** @description It is durable, and in force */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly events: readonly (
              | {
                  readonly id: string;
                  /** @enum {unknown} */
                  readonly leftOut: 'repeated' | 'forgotten' | null;
                  readonly seq: number | null;
                }
              | {
                  readonly index: number;
                  readonly pointer: string;
                  readonly refused: string;
                }
            )[];
            readonly format?: string;
            readonly ledger: string;
          };
        };
      };
    };
  };
  readonly feedback: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': {
          readonly feedback: readonly components['schemas']['FeedbackEntry'][];
        };
      };
    };
    readonly responses: {
      /** @description It is durable, and in force */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly entries: readonly {
              readonly id: string;
              /** @enum {unknown} */
              readonly leftOut: 'repeated' | 'forgotten' | null;
              readonly seq: number | null;
            }[];
            readonly ledger: string;
          };
        };
      };
    };
  };
  readonly undoFeedback: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /** @description Id of an entry of feedback */
        readonly entry: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description It is durable, and in force */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['FeedbackUndo'];
        };
      };
    };
  };
  readonly items: {
    readonly parameters: {
      readonly query?: {
        /** @description Where the page before ended: from its `link` header */
        readonly cursor?: string;
        /**
         * @description Number of results
         * @example 5
         */
        readonly k?: number;
        /** @description Kind of entity: item, artist or album */
        readonly kind?: string;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /**
         * @description Words of the name, artist or album; the last may be a beginning
         * @example stone tem
         */
        readonly q?: string;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
        /**
         * @description Only items that match, such as 'released >= 1975 and artist != "Eagles"' (docs/filters.md)
         * @example released >= 1990
         */
        readonly where?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Items'];
          readonly 'application/x-ndjson': string;
        };
      };
    };
  };
  readonly itemMany: {
    readonly parameters: {
      readonly query?: {
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': {
          readonly queries: readonly components['schemas']['ItemQuestion'][];
        };
      };
    };
    readonly responses: {
      /** @description An answer or a problem for each */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly answers: readonly (
              | components['schemas']['Item']
              | {
                  readonly problem: components['schemas']['Problem'];
                }
            )[];
          };
        };
      };
    };
  };
  readonly item: {
    readonly parameters: {
      readonly query?: {
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path: {
        /**
         * @description Item, by id or name; also artist:… and album:…
         * @example Plush
         */
        readonly item: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Item'];
        };
      };
    };
  };
  readonly hideItem: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description Item, by id or name; also artist:… and album:…
         * @example Plush
         */
        readonly item: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description It is durable, and in force */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly hidden: boolean;
            readonly item: string;
          };
        };
      };
    };
  };
  readonly unhideItem: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description Item, by id or name; also artist:… and album:…
         * @example Plush
         */
        readonly item: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description It is durable, and in force */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly hidden: boolean;
            readonly item: string;
          };
        };
      };
    };
  };
  readonly listeners: {
    readonly parameters: {
      readonly query?: {
        /** @description Where the page before ended: from its `link` header */
        readonly cursor?: string;
        /**
         * @description Number of results
         * @example 5
         */
        readonly k?: number;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /**
         * @description How the ids begin
         * @example KGLK
         */
        readonly prefix?: string;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Users'];
          readonly 'application/x-ndjson': string;
        };
      };
    };
  };
  readonly listenerMany: {
    readonly parameters: {
      readonly query?: {
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': {
          readonly queries: readonly components['schemas']['ListenerQuestion'][];
        };
      };
    };
    readonly responses: {
      /** @description An answer or a problem for each */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly answers: readonly (
              | components['schemas']['Listener']
              | {
                  readonly problem: components['schemas']['Problem'];
                }
            )[];
          };
        };
      };
    };
  };
  readonly listener: {
    readonly parameters: {
      readonly query?: {
        /** @description Whether the ledger of feedback is obeyed: bans, likes and plays (docs/feedback.md) */
        readonly feedback?: boolean;
        /** @description Age at which an event counts half as much, such as 30d or 12h */
        readonly 'half-life'?: string;
        /** @description Number of results */
        readonly k?: number;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description How much each skip in the ledger takes from the plays of its item */
        readonly 'skip-weight'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path: {
        /**
         * @description Id of a user
         * @example KGLK/2014-06-16
         */
        readonly user: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Listener'];
        };
      };
    };
  };
  readonly listenerVector: {
    readonly parameters: {
      readonly query?: {
        /** @description Time from which ages are counted, ISO 8601 */
        readonly 'as-of'?: string;
        /** @description Whether the ledger of feedback is obeyed: bans, likes and plays (docs/feedback.md) */
        readonly feedback?: boolean;
        /** @description Age at which an event counts half as much, such as 30d or 12h */
        readonly 'half-life'?: string;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description How much each skip in the ledger takes from the plays of its item */
        readonly 'skip-weight'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path: {
        /**
         * @description Id of a user
         * @example KGLK/2014-06-16
         */
        readonly user: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['ListenerVector'];
        };
      };
    };
  };
  readonly map: {
    readonly parameters: {
      readonly query?: {
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The map */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/octet-stream': string;
        };
      };
      /** @description It is being made: ask again */
      readonly 202: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly done: number;
            readonly phase: string;
            readonly total: number;
          };
        };
      };
    };
  };
  readonly mapItems: {
    readonly parameters: {
      readonly query?: {
        /**
         * @description Item, by id or name; also artist:… and album:…
         * @example [
         *       "Plush"
         *     ]
         */
        readonly item?: readonly string[];
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /**
         * @description Rows of the map, joined by commas
         * @example 0,17
         */
        readonly rows?: string;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly items: readonly {
              readonly id: string;
              readonly name: string;
              readonly row: number;
            }[];
            readonly snapshot: string;
          };
        };
      };
    };
  };
  readonly recipes: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly recipes: readonly {
              readonly about: string;
              /** @enum {unknown} */
              readonly from: 'own' | 'segue';
              readonly name: string;
            }[];
          };
        };
      };
    };
  };
  readonly recommend: {
    readonly parameters: {
      readonly query?: {
        /** @description Time from which ages are counted, ISO 8601 */
        readonly 'as-of'?: string;
        /** @description Where the page before ended: from its `link` header */
        readonly cursor?: string;
        /** @description Item that a new user dislikes */
        readonly dislike?: readonly string[];
        /** @description Item to leave out */
        readonly exclude?: readonly string[];
        /** @description Show which items of the user’s history, dislikes included, made each score; with `recipe`, which parts of the recipe */
        readonly explain?: boolean;
        /** @description Whether the ledger of feedback is obeyed: bans, likes and plays (docs/feedback.md) */
        readonly feedback?: boolean;
        /** @description Also recommend seen items (those in the user’s history) */
        readonly 'include-heard'?: boolean;
        /**
         * @description Number of results
         * @example 5
         */
        readonly k?: number;
        /** @description Kind of entity: item, artist or album */
        readonly kind?: string;
        /** @description Item that a new user likes */
        readonly like?: readonly string[];
        /** @description Maximum number of results by one artist */
        readonly 'max-per-artist'?: number;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description Which page of -k items: none has an item of another */
        readonly page?: number;
        /** @description Number of history items that `explain` names per result; the rest are summed */
        readonly reasons?: number;
        /** @description Recommend by a recipe: a name that recipe list prints, or a file (docs/recipes.md) */
        readonly recipe?: string;
        /** @description Item that a recipe such as radio starts from */
        readonly 'seed-item'?: readonly string[];
        /** @description Item that was shown before, and counts what the recipe says */
        readonly shown?: readonly string[];
        /** @description Skip and count what `exclude` or a line of a file names and is not known, instead of stopping */
        readonly 'skip-unknown'?: boolean;
        /** @description How much each skip in the ledger takes from the plays of its item */
        readonly 'skip-weight'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
        /** @description Refuse a user whom nobody knows with 404, instead of an answer by the fallback */
        readonly strict?: boolean;
        /**
         * @description Only items that match, such as 'released >= 1975 and artist != "Eagles"' (docs/filters.md)
         * @example released >= 1990
         */
        readonly where?: string;
        /** @description Item for which to explain why it is not recommended, or give its rank */
        readonly 'why-not'?: readonly string[];
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json':
            components['schemas']['RecipeAnswer'] | components['schemas']['Recommendations'];
        };
      };
    };
  };
  readonly recommendMany: {
    readonly parameters: {
      readonly query?: {
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': {
          readonly queries: readonly components['schemas']['RecommendQuestion'][];
        };
      };
    };
    readonly responses: {
      /** @description An answer or a problem for each */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly answers: readonly (
              | components['schemas']['RecipeAnswer']
              | components['schemas']['Recommendations']
              | {
                  readonly problem: components['schemas']['Problem'];
                }
            )[];
          };
        };
      };
    };
  };
  readonly recommendToUser: {
    readonly parameters: {
      readonly query?: {
        /** @description Time from which ages are counted, ISO 8601 */
        readonly 'as-of'?: string;
        /** @description Where the page before ended: from its `link` header */
        readonly cursor?: string;
        /** @description Item that a new user dislikes */
        readonly dislike?: readonly string[];
        /** @description Item to leave out */
        readonly exclude?: readonly string[];
        /** @description Show which items of the user’s history, dislikes included, made each score; with `recipe`, which parts of the recipe */
        readonly explain?: boolean;
        /** @description Whether the ledger of feedback is obeyed: bans, likes and plays (docs/feedback.md) */
        readonly feedback?: boolean;
        /** @description Also recommend seen items (those in the user’s history) */
        readonly 'include-heard'?: boolean;
        /**
         * @description Number of results
         * @example 5
         */
        readonly k?: number;
        /** @description Kind of entity: item, artist or album */
        readonly kind?: string;
        /** @description Item that a new user likes */
        readonly like?: readonly string[];
        /** @description Maximum number of results by one artist */
        readonly 'max-per-artist'?: number;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description Which page of -k items: none has an item of another */
        readonly page?: number;
        /** @description Number of history items that `explain` names per result; the rest are summed */
        readonly reasons?: number;
        /** @description Recommend by a recipe: a name that recipe list prints, or a file (docs/recipes.md) */
        readonly recipe?: string;
        /** @description Item that a recipe such as radio starts from */
        readonly 'seed-item'?: readonly string[];
        /** @description Item that was shown before, and counts what the recipe says */
        readonly shown?: readonly string[];
        /** @description Skip and count what `exclude` or a line of a file names and is not known, instead of stopping */
        readonly 'skip-unknown'?: boolean;
        /** @description How much each skip in the ledger takes from the plays of its item */
        readonly 'skip-weight'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
        /** @description Refuse a user whom nobody knows with 404, instead of an answer by the fallback */
        readonly strict?: boolean;
        /**
         * @description Only items that match, such as 'released >= 1975 and artist != "Eagles"' (docs/filters.md)
         * @example released >= 1990
         */
        readonly where?: string;
        /** @description Item for which to explain why it is not recommended, or give its rank */
        readonly 'why-not'?: readonly string[];
      };
      readonly header?: never;
      readonly path: {
        /**
         * @description Id of a user
         * @example KGLK/2014-06-16
         */
        readonly user: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json':
            components['schemas']['RecipeAnswer'] | components['schemas']['Recommendations'];
        };
      };
    };
  };
  readonly similar: {
    readonly parameters: {
      readonly query?: {
        /** @description Where the page before ended: from its `link` header */
        readonly cursor?: string;
        /** @description Compare with every item, even where an index would be faster */
        readonly exact?: boolean;
        /** @description Item to leave out */
        readonly exclude?: readonly string[];
        /** @description Whether the ledger of feedback is obeyed: bans, likes and plays (docs/feedback.md) */
        readonly feedback?: boolean;
        /** @description User whose bans and dislikes are left out; by similar, seen items too */
        readonly for?: string;
        /** @description Also recommend seen items (those in the user’s history) */
        readonly 'include-heard'?: boolean;
        /**
         * @description Items to find neighbours of, by id or name; also artist:… and album:…
         * @example [
         *       "Plush"
         *     ]
         */
        readonly item?: readonly string[];
        /**
         * @description Number of results
         * @example 5
         */
        readonly k?: number;
        /** @description Kind of entity: item, artist or album */
        readonly kind?: string;
        /** @description Maximum number of results by one artist */
        readonly 'max-per-artist'?: number;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description Minimum number of events of a neighbour (by audience, of a user); 0 keeps all */
        readonly 'min-events'?: number;
        /** @description Item to subtract from the sum of the others */
        readonly minus?: readonly string[];
        /** @description Skip and count what `exclude` or a line of a file names and is not known, instead of stopping */
        readonly 'skip-unknown'?: boolean;
        /** @description How much each skip in the ledger takes from the plays of its item */
        readonly 'skip-weight'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
        /** @description Refuse a user whom nobody knows with 404, instead of an answer by the fallback */
        readonly strict?: boolean;
        /** @description Weight of each ITEM in order, then of each `minus`, then of `vector` */
        readonly weights?: readonly number[];
        /**
         * @description Only items that match, such as 'released >= 1975 and artist != "Eagles"' (docs/filters.md)
         * @example released >= 1990
         */
        readonly where?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Similar'];
        };
      };
    };
  };
  readonly similarMany: {
    readonly parameters: {
      readonly query?: {
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': {
          readonly queries: readonly components['schemas']['SimilarQuestion'][];
        };
      };
    };
    readonly responses: {
      /** @description An answer or a problem for each */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly answers: readonly (
              | components['schemas']['Similar']
              | {
                  readonly problem: components['schemas']['Problem'];
                }
            )[];
          };
        };
      };
    };
  };
  readonly snapshots: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The answer */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Snapshots'];
        };
      };
    };
  };
  readonly forgetUser: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description Id of a user
         * @example KGLK/2014-06-16
         */
        readonly user: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description It is durable, and in force */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['FeedbackForget'];
        };
      };
    };
  };
}

export interface Route {
  readonly method: string;
  readonly path: string;
  /** Of an operation with a body, the parameters that stand in the address all the same. */
  readonly query?: readonly string[];
  /** A snapshot answers it, which can be chosen. */
  readonly ofSnapshot?: boolean;
  /** It has no parameters at all. */
  readonly asksNothing?: boolean;
  /** The list of its body, of entries that have an `id` and are kept once by it. */
  readonly entries?: string;
}

export const routes: Readonly<Record<keyof operations, Route>> = {
  audience: { method: 'GET', path: '/v1/audience', ofSnapshot: true },
  audienceMany: {
    method: 'POST',
    path: '/v1/audience',
    query: ['snapshot', 'min-epoch', 'fields'],
    ofSnapshot: true,
  },
  events: {
    method: 'POST',
    path: '/v1/events',
    query: ['columns', 'filter', 'types', 'format'],
    entries: 'events',
  },
  feedback: { method: 'POST', path: '/v1/feedback', entries: 'feedback' },
  forgetUser: { method: 'POST', path: '/v1/users/{user}/forget' },
  health: { method: 'GET', path: '/healthz', asksNothing: true },
  hideItem: { method: 'POST', path: '/v1/items/{item}/hide' },
  item: { method: 'GET', path: '/v1/items/{item}', ofSnapshot: true },
  itemMany: {
    method: 'POST',
    path: '/v1/items',
    query: ['snapshot', 'min-epoch', 'fields'],
    ofSnapshot: true,
  },
  items: { method: 'GET', path: '/v1/items', ofSnapshot: true },
  listener: { method: 'GET', path: '/v1/listeners/{user}', ofSnapshot: true },
  listenerMany: {
    method: 'POST',
    path: '/v1/listeners',
    query: ['snapshot', 'min-epoch', 'fields'],
    ofSnapshot: true,
  },
  listenerVector: { method: 'GET', path: '/v1/listeners/{user}/vector', ofSnapshot: true },
  listeners: { method: 'GET', path: '/v1/listeners', ofSnapshot: true },
  map: { method: 'GET', path: '/v1/map', ofSnapshot: true },
  mapItems: { method: 'GET', path: '/v1/map/items', ofSnapshot: true },
  ready: { method: 'GET', path: '/readyz', asksNothing: true },
  recipes: { method: 'GET', path: '/v1/recipes', asksNothing: true },
  recommend: { method: 'GET', path: '/v1/recommend', ofSnapshot: true },
  recommendMany: {
    method: 'POST',
    path: '/v1/recommend',
    query: ['snapshot', 'min-epoch', 'fields'],
    ofSnapshot: true,
  },
  recommendToUser: { method: 'GET', path: '/v1/recommend/{user}', ofSnapshot: true },
  served: { method: 'GET', path: '/v1', asksNothing: true },
  similar: { method: 'GET', path: '/v1/similar', ofSnapshot: true },
  similarMany: {
    method: 'POST',
    path: '/v1/similar',
    query: ['snapshot', 'min-epoch', 'fields'],
    ofSnapshot: true,
  },
  snapshots: { method: 'GET', path: '/v1/snapshots', asksNothing: true },
  undoFeedback: { method: 'DELETE', path: '/v1/feedback/{entry}' },
  unhideItem: { method: 'POST', path: '/v1/items/{item}/unhide' },
};
