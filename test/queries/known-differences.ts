/**
 * Where interfaces differ, on purpose, in what they do with an option. The command line is what the others are compared with.
 */
import type { InterfaceName } from './interfaces.js';

export interface Difference {
  /** By the names of the library; undefined: all. */
  readonly operations?: readonly string[];
  readonly options: readonly string[];
  readonly interfaces: readonly InterfaceName[];
  /** Refuses what the command takes; takes what the command refuses as 'bad-usage', be it to say another code. */
  readonly does: 'refuses' | 'takes';
  readonly why: string;
}

const overHttp = ['http', 'client'] as const;

export const declaredDifferences: readonly Difference[] = [
  {
    ...{ options: ['vector', 'only', 'excludeFrom', 'events'], interfaces: overHttp, does: 'refuses' },
    why: 'a request names no files of the machine that serves',
  },
  {
    ...{ options: ['fallback'], interfaces: overHttp, does: 'refuses' },
    why: 'who runs the service says by `serve --fallback` what whom nobody knows gets',
  },
  {
    ...{ operations: ['userVector'], options: ['like', 'dislike'], interfaces: overHttp, does: 'refuses' },
    why: 'the address names a listener; a new one has no vector of their own to show',
  },
  {
    ...{ operations: ['userVector'], options: ['events'], interfaces: ['reader'], does: 'refuses' },
    why: 'a reader answers of its snapshot, and a file of events is another one',
  },
];

/** Options that leave the answer to what is tried here as it is. */
export const withoutEffect: readonly Pick<Difference, 'operations' | 'options' | 'why'>[] = [
  {
    options: ['threads', 'format', 'engine'],
    why: 'they say how an answer is made and written, and not what it is',
  },
  { options: ['exact'], why: 'there is no index' },
  { options: ['fallback'], why: 'the user is known' },
  {
    ...{ operations: ['recommendByRecipe'], options: ['skipWeight', 'asOf'] },
    why: 'the recipe popular counts the plays of all, of any time',
  },
];
