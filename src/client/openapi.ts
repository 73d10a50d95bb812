/* Made by scripts/make-openapi.mjs from the routes of the service. */
export interface components {
  schemas: {
    readonly Audience: {
      readonly item: {
        readonly id: string;
        /** @enum {unknown} */
        readonly kind?: 'artist' | 'album';
        readonly name: string;
      } & {
        readonly [key: string]: unknown;
      };
      readonly leftOut: number;
      readonly listeners: readonly {
        readonly events?: number;
        readonly id: string;
        readonly rank: number;
        readonly score: number;
      }[];
      readonly of: number;
      readonly snapshot: string;
      readonly tooFewEvents?: {
        readonly leftOut: number;
        readonly minEvents: number;
      };
    };
    readonly AudienceQuestion: {
      /**
       * @description Keep what the user has played
       * @default false
       */
      readonly 'include-heard'?: boolean;
      /** @description Id or name of an item, or artist:NAME or album:NAME */
      readonly item: string;
      /**
       * @description How many are wanted
       * @default 10
       */
      readonly k?: number;
      /**
       * @description Events that a neighbour has at least; 0: any number
       * @default 5
       */
      readonly 'min-events'?: number;
    };
    readonly Event: {
      /** @description The same as `time` */
      readonly at?: unknown;
      /** @description Id of the entry: the same id of the same user is kept once */
      readonly id?: unknown;
      /** @description Id or name of an item, or artist:NAME or album:NAME */
      readonly item?: unknown;
      /** @description What it is about: the item alone, or all items of its artist or album */
      readonly scope?: unknown;
      /** @description Where it was said, such as radio or discover */
      readonly source?: unknown;
      /** @description When it happened: ISO 8601, or unix seconds or milliseconds; now without it */
      readonly time?: unknown;
      /** @description What the user did or said */
      readonly type?: unknown;
      /** @description Id of the entry of the same user that is taken back */
      readonly undoes?: unknown;
      /** @description Id of a user */
      readonly user?: unknown;
      /** @description How much it counts: a decimal number, 1 without it */
      readonly weight?: unknown;
    };
    readonly FeedbackEntry: {
      /** @description Id of the snapshot whose answer the user reacted to */
      readonly 'answered-by'?: string;
      /** @description The place of the item in that answer, from 1 */
      readonly 'answered-rank'?: number;
      /** @description The recipe of that answer */
      readonly 'answered-recipe'?: string;
      /** @description Id of the entry: the same id of the same user is kept once */
      readonly id?: string;
      /** @description Id or name of an item, or artist:NAME or album:NAME */
      readonly item: string;
      /**
       * @description What it is about: the item alone, or all items of its artist or album
       * @enum {string}
       */
      readonly scope?: 'item' | 'artist' | 'album';
      /** @description Where it was said, such as radio or discover */
      readonly source?: string;
      /** @description When it happened: ISO 8601, or unix seconds or milliseconds; now without it */
      readonly time?: string | number;
      /**
       * @description What the user did or said
       * @enum {string}
       */
      readonly type: 'play' | 'like' | 'dislike' | 'skip' | 'ban' | 'unban';
      /** @description Id of a user */
      readonly user: string;
      /** @description How much it counts: a decimal number, 1 without it */
      readonly weight?: string | number;
    };
    readonly FeedbackForget: {
      readonly deleted: boolean;
      readonly entries: number;
      readonly forgottenAt: string;
      readonly ledger: string | null;
      readonly snapshots: readonly {
        readonly id: string;
        readonly isCurrent: boolean;
      }[];
      readonly unreadable: readonly string[];
      readonly user: string;
    };
    readonly FeedbackUndo: {
      readonly holds: {
        readonly answer?: {
          readonly rank?: number;
          readonly recipe?: string;
          readonly snapshot: string;
        };
        readonly at: string;
        readonly id: string;
        readonly item: string | null;
        readonly name?: string;
        /** @enum {unknown} */
        readonly scope: 'item' | 'artist' | 'album';
        readonly seq: number;
        readonly source?: string;
        /** @enum {unknown} */
        readonly type: 'play' | 'like' | 'dislike' | 'skip' | 'ban' | 'unban' | 'undo';
        readonly undoes?: string;
        readonly user: string;
        readonly weight: number;
      } | null;
      readonly ledger: string;
      readonly undone: {
        readonly answer?: {
          readonly rank?: number;
          readonly recipe?: string;
          readonly snapshot: string;
        };
        readonly at: string;
        readonly id: string;
        readonly item: string | null;
        readonly name?: string;
        /** @enum {unknown} */
        readonly scope: 'item' | 'artist' | 'album';
        readonly seq: number;
        readonly source?: string;
        /** @enum {unknown} */
        readonly type: 'play' | 'like' | 'dislike' | 'skip' | 'ban' | 'unban' | 'undo';
        readonly undoes?: string;
        readonly user: string;
        readonly weight: number;
      };
    };
    readonly Item: {
      readonly events: number;
      readonly item: {
        readonly id: string;
        readonly name: string;
      } & {
        readonly [key: string]: string | number;
      };
      /** @enum {unknown} */
      readonly kind: 'item' | 'artist' | 'album';
      readonly of: number;
      readonly place: number;
      readonly ranked: boolean;
      readonly snapshot: string;
    };
    readonly ItemQuestion: {
      /** @description Id or name of an item, or artist:NAME or album:NAME */
      readonly item: string;
    };
    readonly Items: {
      readonly items: readonly ({
        readonly events: number;
        readonly id: string;
        readonly name: string;
        readonly rank: number;
      } & {
        readonly [key: string]: string | number;
      })[];
      /** @enum {unknown} */
      readonly kind: 'item' | 'artist' | 'album';
      readonly of: number;
      readonly snapshot: string;
      readonly where: string | null;
      readonly words: string | null;
    };
    readonly Listener: {
      readonly banned: readonly ({
        readonly id: string;
        readonly name: string;
      } & {
        readonly [key: string]: unknown;
      })[];
      readonly contributions: {
        readonly albums?: readonly ({
          readonly id: string;
          readonly name: string;
          readonly rank: number;
          readonly share: number;
        } & {
          readonly [key: string]: unknown;
        })[];
        readonly artists?: readonly ({
          readonly id: string;
          readonly name: string;
          readonly rank: number;
          readonly share: number;
        } & {
          readonly [key: string]: unknown;
        })[];
        readonly items: readonly ({
          readonly id: string;
          readonly last?: string;
          readonly name: string;
          /** @enum {unknown} */
          readonly opinion: 'heard' | 'disliked';
          readonly plays: number;
          readonly rank: number;
          readonly share: number;
        } & {
          readonly [key: string]: unknown;
        })[];
        readonly recommendations: number;
      } | null;
      readonly disliked: readonly ({
        readonly id: string;
        readonly name: string;
      } & {
        readonly [key: string]: unknown;
      })[];
      readonly events: number;
      readonly firstAt: string | null;
      readonly items: number;
      readonly lastAt: string | null;
      readonly moved: {
        readonly nearest: {
          readonly of: number;
          readonly same: number;
        } | null;
        readonly recommendations: {
          readonly entered: readonly ({
            readonly id: string;
            readonly name: string;
          } & {
            readonly [key: string]: unknown;
          })[];
          readonly left: readonly ({
            readonly id: string;
            readonly name: string;
          } & {
            readonly [key: string]: unknown;
          })[];
          readonly of: number;
          readonly same: number;
        };
        readonly since: string;
      } | null;
      readonly nearest: {
        readonly items: readonly ({
          readonly id: string;
          readonly name: string;
          readonly plays: number;
          readonly rank: number;
          readonly similarity: number;
        } & {
          readonly [key: string]: unknown;
        })[];
        readonly users: readonly {
          readonly id: string;
          readonly rank: number;
          readonly similarity: number;
        }[];
      } | null;
      readonly recent: {
        readonly artists?: {
          readonly gaining: readonly ({
            readonly after: number;
            readonly before: number;
            readonly id: string;
            readonly name: string;
          } & {
            readonly [key: string]: unknown;
          })[];
          readonly losing: readonly ({
            readonly after: number;
            readonly before: number;
            readonly id: string;
            readonly name: string;
          } & {
            readonly [key: string]: unknown;
          })[];
        };
        readonly asOf: string;
        readonly halfLifeMs: number;
        readonly items: {
          readonly gaining: readonly ({
            readonly after: number;
            readonly before: number;
            readonly id: string;
            readonly name: string;
          } & {
            readonly [key: string]: unknown;
          })[];
          readonly losing: readonly ({
            readonly after: number;
            readonly before: number;
            readonly id: string;
            readonly name: string;
          } & {
            readonly [key: string]: unknown;
          })[];
        };
        readonly similarity: number;
      } | null;
      readonly snapshot: string;
      readonly taste: {
        readonly artists?: {
          readonly percentile: number;
          readonly value: number;
        };
        readonly comparedUsers: number;
        readonly items: {
          readonly percentile: number;
          readonly value: number;
        };
        readonly mainstream: {
          readonly percentile: number;
          readonly value: number;
        };
      } | null;
      readonly user: string;
    };
    readonly ListenerQuestion: {
      /**
       * @description Whether bans, likes and plays that were kept apart from training count
       * @default true
       */
      readonly feedback?: boolean;
      /** @description The time in which a play comes to count half */
      readonly 'half-life'?: string;
      /**
       * @description How many are wanted
       * @default 5
       */
      readonly k?: number;
      /**
       * @description How much a skip counts against an item; 0 for not at all
       * @default 0
       */
      readonly 'skip-weight'?: number;
      /** @description Id of a user */
      readonly user: string;
    };
    readonly ListenerVector: {
      readonly basis: string;
      readonly converged: boolean;
      readonly dim: number;
      readonly events: number;
      readonly snapshot: string;
      readonly user: string | null;
      readonly vector: readonly number[];
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
    readonly RecipeAnswer: {
      readonly asOf: string | null;
      readonly leftOut?: readonly {
        /** @enum {unknown} */
        readonly column: 'released' | 'artist' | 'album';
        /** @enum {unknown} */
        readonly key:
          | 'rescore.freshness'
          | 'rescore.familiarity'
          | 'diversity.max-per-artist'
          | 'diversity.max-per-album';
      }[];
      readonly page?: number;
      readonly passedOver?: readonly {
        readonly because:
          | {
              /** @enum {unknown} */
              readonly key: 'max-per-artist' | 'max-per-album';
              readonly value: string;
            }
          | {
              /** @constant */
              readonly key: 'mmr';
              readonly nearest: components['schemas']['RecipeAnswerNamed'];
              readonly similarity: number;
            };
        readonly byScore: number;
        readonly id: string;
        readonly name: string;
        readonly row?: number;
        readonly score: number;
      }[];
      readonly recipe: string;
      readonly recommendations: readonly ({
        readonly id: string;
        readonly ingredients?: readonly (
          | {
              /** @constant */
              readonly ingredient: 'source';
              readonly key: string;
              readonly near?: components['schemas']['RecipeAnswerNamed'];
              readonly rank: number;
              readonly score: number;
              readonly share: number;
              /** @enum {unknown} */
              readonly source: 'user' | 'seeds' | 'similar-to-history' | 'popular';
            }
          | {
              readonly factor: number;
              /** @constant */
              readonly ingredient: 'factor';
              /** @enum {unknown} */
              readonly key: 'popularity-discount' | 'freshness' | 'familiarity' | 'shown';
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
              readonly chosen: number;
              /** @constant */
              readonly ingredient: 'place';
              readonly mmr?: {
                readonly nearest: components['schemas']['RecipeAnswerNamed'] | null;
                readonly similarity: number;
                readonly value: number;
              };
              readonly toPrevious?: number | null;
            }
        )[];
        readonly name: string;
        readonly rank: number;
        readonly row?: number;
        readonly score: number;
        /** @enum {unknown} */
        readonly slot?: 'promoted' | 'explored';
      } & {
        readonly [key: string]: string | number;
      })[];
      readonly rows?: readonly {
        readonly madeFrom: readonly components['schemas']['RecipeAnswerItem'][];
        readonly title: string;
      }[];
      readonly snapshot: string;
      readonly unknownUser?: {
        readonly closest: readonly string[];
        readonly recipe: string | null;
      };
      readonly user: string | null;
    };
    readonly RecipeAnswerItem: {
      readonly id: string;
      readonly name: string;
    } & {
      readonly [key: string]: string | number;
    };
    readonly RecipeAnswerNamed: {
      readonly id: string;
      readonly name: string;
    };
    readonly Recommendations: {
      /** @constant */
      readonly fallback?: 'popularity';
      readonly filtered?: {
        readonly allowed: number;
        readonly of: number;
        readonly where: string | null;
      };
      /** @enum {unknown} */
      readonly kind?: 'artist' | 'album';
      readonly recommendations: readonly ({
        readonly because?: components['schemas']['RecommendationsBecause'];
        readonly id: string;
        readonly name: string;
        readonly rank: number;
        readonly rest?: components['schemas']['RecommendationsRest'];
        readonly score: number;
      } & {
        readonly [key: string]: string | number;
      })[];
      /** @enum {unknown} */
      readonly scoredBy?: 'own-items' | 'popularity';
      readonly snapshot: string;
      readonly unknownUser?: {
        readonly closest: readonly string[];
        readonly recipe: string | null;
      };
      readonly user: string | null;
      readonly vector?: components['schemas']['RecommendationsVector'];
      readonly whyNot?: readonly {
        readonly because?: components['schemas']['RecommendationsBecause'];
        readonly flags: readonly ('--exclude' | '--where' | '--only' | '--exclude-from')[];
        readonly id: string;
        readonly kthScore: number | null;
        readonly lastAt: string | null;
        readonly name: string;
        readonly of: number;
        readonly plays: number;
        readonly rank: number | null;
        /** @enum {unknown} */
        readonly reason:
          | 'no-vector'
          | 'banned'
          | 'disliked'
          | 'heard'
          | 'liked'
          | 'hidden'
          | 'excluded'
          | 'filtered'
          | 'capped'
          | 'outranked'
          | 'recommended';
        readonly reasons: readonly (
          | 'no-vector'
          | 'banned'
          | 'disliked'
          | 'heard'
          | 'liked'
          | 'hidden'
          | 'excluded'
          | 'filtered'
          | 'capped'
          | 'outranked'
          | 'recommended'
        )[];
        readonly rest?: components['schemas']['RecommendationsRest'];
        readonly score: number | null;
      }[];
    };
    readonly RecommendationsBecause: readonly {
      readonly contribution: number;
      readonly id: string;
      readonly lastAt: string | null;
      readonly name: string;
      /** @enum {unknown} */
      readonly opinion: 'liked' | 'heard' | 'disliked';
      readonly plays: number;
      readonly share: number | null;
    }[];
    readonly RecommendationsRest: {
      readonly contribution: number;
      readonly items: number;
      readonly share: number | null;
    };
    readonly RecommendationsVector: {
      readonly basis: string;
      readonly user: string | null;
    };
    readonly RecommendQuestion: {
      /** @description The time to answer as of: ISO 8601 */
      readonly 'as-of'?: string;
      /** @description Items that someone does not like */
      readonly dislike?: readonly string[];
      /** @description Items to leave out */
      readonly exclude?: readonly string[];
      /** @description Explain each recommendation */
      readonly explain?: boolean;
      /**
       * @description Whether bans, likes and plays that were kept apart from training count
       * @default true
       */
      readonly feedback?: boolean;
      /**
       * @description Keep what the user has played
       * @default false
       */
      readonly 'include-heard'?: boolean;
      /** @description How many are wanted */
      readonly k?: number;
      /** @description What is listed: item, artist or album */
      readonly kind?: string;
      /** @description Items that someone likes */
      readonly like?: readonly string[];
      /** @description At most so many of one artist */
      readonly 'max-per-artist'?: number;
      /** @description Which page of a recipe’s answer, from 1: without what is on those before */
      readonly page?: number;
      /** @description How many of their items explain each recommendation */
      readonly reasons?: number;
      /** @description Name of a recipe of the service */
      readonly recipe?: string;
      /** @description Items that a recipe such as radio starts from */
      readonly 'seed-item'?: readonly string[];
      /** @description Items that were shown before, for recipes that push such down */
      readonly shown?: readonly string[];
      /** @description Pass over items to leave out that are not known, instead of refusing */
      readonly 'skip-unknown'?: boolean;
      /**
       * @description How much a skip counts against an item; 0 for not at all
       * @default 0
       */
      readonly 'skip-weight'?: number;
      /** @description Refuse a user whom nobody knows with 404, instead of an answer by the fallback */
      readonly strict?: boolean;
      /** @description Id of a user */
      readonly user?: string;
      /** @description A condition on the columns of items */
      readonly where?: string;
      /** @description Items of which to say why they are not recommended */
      readonly 'why-not'?: readonly string[];
    };
    readonly Similar: {
      readonly filtered?: {
        readonly allowed: number;
        readonly of: number;
        readonly where: string | null;
      };
      readonly for?: string;
      /** @enum {unknown} */
      readonly kind?: 'artist' | 'album';
      readonly minus: readonly ({
        readonly id: string;
        readonly name: string;
      } & {
        readonly [key: string]: string | number;
      })[];
      readonly neighbours: readonly ({
        readonly id: string;
        readonly name: string;
        readonly rank: number;
        readonly similarity: number;
      } & {
        readonly [key: string]: string | number;
      })[];
      readonly query: readonly ({
        readonly id: string;
        readonly name: string;
      } & {
        readonly [key: string]: string | number;
      })[];
      readonly search:
        | {
            /** @constant */
            readonly method: 'exact';
          }
        | {
            /** @constant */
            readonly method: 'ivf';
            readonly probes: number;
            readonly recallAt10: number;
            readonly recallAt100?: number;
            readonly recallInterval?: readonly number[];
          };
      readonly snapshot: string;
      readonly tooFewEvents?: {
        readonly leftOut: number;
        readonly minEvents: number;
      };
      readonly unknownUser?: {
        readonly closest: readonly string[];
        readonly recipe: null;
      };
      readonly vector?: components['schemas']['SimilarVector'];
      readonly weights?: readonly number[];
    };
    readonly SimilarQuestion: {
      /**
       * @description Compare with every item, past the index
       * @default false
       */
      readonly exact?: boolean;
      /** @description Items to leave out */
      readonly exclude?: readonly string[];
      /**
       * @description Whether bans, likes and plays that were kept apart from training count
       * @default true
       */
      readonly feedback?: boolean;
      /** @description Id of a user: their bans, dislikes and seen items are left out */
      readonly for?: string;
      /**
       * @description Keep what the user has played
       * @default false
       */
      readonly 'include-heard'?: boolean;
      /** @description Id or name of an item, or artist:NAME or album:NAME */
      readonly item?: readonly string[];
      /**
       * @description How many are wanted
       * @default 10
       */
      readonly k?: number;
      /**
       * @description What is listed: item, artist or album
       * @default item
       */
      readonly kind?: string;
      /** @description At most so many of one artist */
      readonly 'max-per-artist'?: number;
      /**
       * @description Events that a neighbour has at least; 0: any number
       * @default 5
       */
      readonly 'min-events'?: number;
      /** @description Items to move away from */
      readonly minus?: readonly string[];
      /** @description Pass over items to leave out that are not known, instead of refusing */
      readonly 'skip-unknown'?: boolean;
      /**
       * @description How much a skip counts against an item; 0 for not at all
       * @default 0
       */
      readonly 'skip-weight'?: number;
      /** @description Refuse a user whom nobody knows with 404, instead of an answer by the fallback */
      readonly strict?: boolean;
      /** @description How much each item counts, in the order of `item` and then of `minus` */
      readonly weights?: readonly number[];
      /** @description A condition on the columns of items */
      readonly where?: string;
    };
    readonly SimilarVector: {
      readonly basis: string;
      readonly user: string | null;
    };
    readonly Snapshots: {
      readonly at: string;
      readonly current: string | null;
      readonly latest: string | null;
      readonly previous: string | null;
      readonly problems: readonly components['schemas']['SnapshotsProblem'][];
      readonly snapshots: readonly {
        readonly basis: string | null;
        readonly bytes: {
          readonly own: number;
          readonly shared: number;
        };
        readonly current: boolean;
        readonly damage: null | components['schemas']['SnapshotsProblem'];
        readonly dim: number | null;
        readonly items: number | null;
        readonly latest: boolean;
        readonly madeAt: string | null;
        readonly members?: readonly {
          readonly as: string;
          readonly snapshot: string;
        }[];
        readonly metrics: {
          readonly [key: string]: number;
        };
        readonly model: string | null;
        readonly parent: string | null;
        readonly parts: readonly ('model' | 'users' | 'index')[];
        readonly previous: boolean;
        readonly recallAt10: number | null;
        readonly snapshot: string;
        readonly tags: readonly string[];
        readonly users: number | null;
      }[];
      readonly total: {
        readonly drafts: components['schemas']['SnapshotsAmount'];
        readonly snapshots: components['schemas']['SnapshotsAmount'];
        readonly trash: components['schemas']['SnapshotsAmount'];
      };
    };
    readonly SnapshotsAmount: {
      readonly bytes: number;
      readonly count: number;
    };
    readonly SnapshotsProblem: {
      readonly code: string;
      readonly message: string;
    };
    readonly Users: {
      readonly matching: number;
      readonly of: number;
      readonly prefix: string | null;
      readonly snapshot: string;
      readonly users: readonly {
        readonly events: number;
        readonly id: string;
        readonly rank: number;
      }[];
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
        /** @description Keep what the user has played */
        readonly 'include-heard'?: boolean;
        /**
         * @description Id or name of an item, or artist:NAME or album:NAME
         * @example Plush
         */
        readonly item: string;
        /**
         * @description How many are wanted
         * @example 5
         */
        readonly k?: number;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description Events that a neighbour has at least; 0: any number */
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
      readonly query?: never;
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
         * @description How many are wanted
         * @example 5
         */
        readonly k?: number;
        /** @description What is listed: item, artist or album */
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
         * @description A condition on the columns of items
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
         * @description Id or name of an item, or artist:NAME or album:NAME
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
         * @description Id or name of an item, or artist:NAME or album:NAME
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
         * @description Id or name of an item, or artist:NAME or album:NAME
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
         * @description How many are wanted
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
        /** @description Whether bans, likes and plays that were kept apart from training count */
        readonly feedback?: boolean;
        /** @description The time in which a play comes to count half */
        readonly 'half-life'?: string;
        /**
         * @description How many are wanted
         * @example 5
         */
        readonly k?: number;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description How much a skip counts against an item; 0 for not at all */
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
        /** @description The time to answer as of: ISO 8601 */
        readonly 'as-of'?: string;
        /** @description The time in which a play comes to count half */
        readonly 'half-life'?: string;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
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
         * @description Id or name of an item, or artist:NAME or album:NAME
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
        /** @description The time to answer as of: ISO 8601 */
        readonly 'as-of'?: string;
        /** @description Where the page before ended: from its `link` header */
        readonly cursor?: string;
        /** @description Items that someone does not like */
        readonly dislike?: readonly string[];
        /** @description Items to leave out */
        readonly exclude?: readonly string[];
        /** @description Explain each recommendation */
        readonly explain?: boolean;
        /** @description Whether bans, likes and plays that were kept apart from training count */
        readonly feedback?: boolean;
        /** @description Keep what the user has played */
        readonly 'include-heard'?: boolean;
        /**
         * @description How many are wanted
         * @example 5
         */
        readonly k?: number;
        /** @description What is listed: item, artist or album */
        readonly kind?: string;
        /** @description Items that someone likes */
        readonly like?: readonly string[];
        /** @description At most so many of one artist */
        readonly 'max-per-artist'?: number;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description Which page of a recipe’s answer, from 1: without what is on those before */
        readonly page?: number;
        /** @description How many of their items explain each recommendation */
        readonly reasons?: number;
        /** @description Name of a recipe of the service */
        readonly recipe?: string;
        /** @description Items that a recipe such as radio starts from */
        readonly 'seed-item'?: readonly string[];
        /** @description Items that were shown before, for recipes that push such down */
        readonly shown?: readonly string[];
        /** @description Pass over items to leave out that are not known, instead of refusing */
        readonly 'skip-unknown'?: boolean;
        /** @description How much a skip counts against an item; 0 for not at all */
        readonly 'skip-weight'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
        /** @description Refuse a user whom nobody knows with 404, instead of an answer by the fallback */
        readonly strict?: boolean;
        /**
         * @description A condition on the columns of items
         * @example released >= 1990
         */
        readonly where?: string;
        /** @description Items of which to say why they are not recommended */
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
        /** @description The time to answer as of: ISO 8601 */
        readonly 'as-of'?: string;
        /** @description Where the page before ended: from its `link` header */
        readonly cursor?: string;
        /** @description Items that someone does not like */
        readonly dislike?: readonly string[];
        /** @description Items to leave out */
        readonly exclude?: readonly string[];
        /** @description Explain each recommendation */
        readonly explain?: boolean;
        /** @description Whether bans, likes and plays that were kept apart from training count */
        readonly feedback?: boolean;
        /** @description Keep what the user has played */
        readonly 'include-heard'?: boolean;
        /**
         * @description How many are wanted
         * @example 5
         */
        readonly k?: number;
        /** @description What is listed: item, artist or album */
        readonly kind?: string;
        /** @description Items that someone likes */
        readonly like?: readonly string[];
        /** @description At most so many of one artist */
        readonly 'max-per-artist'?: number;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description Which page of a recipe’s answer, from 1: without what is on those before */
        readonly page?: number;
        /** @description How many of their items explain each recommendation */
        readonly reasons?: number;
        /** @description Name of a recipe of the service */
        readonly recipe?: string;
        /** @description Items that a recipe such as radio starts from */
        readonly 'seed-item'?: readonly string[];
        /** @description Items that were shown before, for recipes that push such down */
        readonly shown?: readonly string[];
        /** @description Pass over items to leave out that are not known, instead of refusing */
        readonly 'skip-unknown'?: boolean;
        /** @description How much a skip counts against an item; 0 for not at all */
        readonly 'skip-weight'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
        /** @description Refuse a user whom nobody knows with 404, instead of an answer by the fallback */
        readonly strict?: boolean;
        /**
         * @description A condition on the columns of items
         * @example released >= 1990
         */
        readonly where?: string;
        /** @description Items of which to say why they are not recommended */
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
        /** @description Compare with every item, past the index */
        readonly exact?: boolean;
        /** @description Items to leave out */
        readonly exclude?: readonly string[];
        /** @description Whether bans, likes and plays that were kept apart from training count */
        readonly feedback?: boolean;
        /** @description Id of a user: their bans, dislikes and seen items are left out */
        readonly for?: string;
        /** @description Keep what the user has played */
        readonly 'include-heard'?: boolean;
        /**
         * @description Id or name of an item, or artist:NAME or album:NAME
         * @example [
         *       "Plush"
         *     ]
         */
        readonly item?: readonly string[];
        /**
         * @description How many are wanted
         * @example 5
         */
        readonly k?: number;
        /** @description What is listed: item, artist or album */
        readonly kind?: string;
        /** @description At most so many of one artist */
        readonly 'max-per-artist'?: number;
        /** @description Answer by this publication or a later one */
        readonly 'min-epoch'?: number;
        /** @description Events that a neighbour has at least; 0: any number */
        readonly 'min-events'?: number;
        /** @description Items to move away from */
        readonly minus?: readonly string[];
        /** @description Pass over items to leave out that are not known, instead of refusing */
        readonly 'skip-unknown'?: boolean;
        /** @description How much a skip counts against an item; 0 for not at all */
        readonly 'skip-weight'?: number;
        /** @description The snapshot to answer by; the published one without it */
        readonly snapshot?: string;
        /** @description Refuse a user whom nobody knows with 404, instead of an answer by the fallback */
        readonly strict?: boolean;
        /** @description How much each item counts, in the order of `item` and then of `minus` */
        readonly weights?: readonly number[];
        /**
         * @description A condition on the columns of items
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
  events: { method: 'POST', path: '/v1/events', entries: 'events' },
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
