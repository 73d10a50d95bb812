/**
 * Where interfaces differ in what they do with an option. The command line is what the others are compared with.
 * What is in `knownDifferences` is a defect: the list is to become empty. What is in `declaredDifferences` is meant.
 */
import type { InterfaceName } from './interfaces.js';

export interface Difference {
  /** By the names of the library; undefined: all. */
  readonly operations?: readonly string[];
  readonly options: readonly string[];
  readonly interfaces: readonly InterfaceName[];
  /** Refuses what the command takes; takes what the command refuses as 'bad-usage', be it to say another code. */
  readonly does: 'refuses' | 'takes';
  /** Only values that hardly any option takes: an empty text, a number below 0. */
  readonly wrongValues?: true;
  readonly why: string;
}

const overHttp = ['http', 'client'] as const;
const everyOther = ['library', 'reader', 'http', 'client'] as const;

export const knownDifferences: readonly Difference[] = [
  {
    ...{ operations: ['recommendAll'], options: ['*'], interfaces: ['library'], does: 'refuses' },
    why: '`recommendAll` without `k` is refused ("the number of results is missing"): the default is the command’s alone',
  },
  {
    ...{
      operations: ['similar'],
      options: ['includeHeard', 'feedback'],
      interfaces: everyOther,
      does: 'takes',
    },
    why: 'without `for` they mean nothing, which only the command says; the others ignore them',
  },
  {
    ...{ operations: ['similar'], options: ['skipWeight'], interfaces: everyOther, does: 'takes' },
    why: 'the command has no such flag; the others ignore it, with `for` too',
  },
  {
    ...{ operations: ['recommend'], options: ['reasons'], interfaces: everyOther, does: 'takes' },
    why: 'without `explain` it means nothing, which only the command says; the others ignore it',
  },
  {
    ...{ operations: ['userVector'], interfaces: ['library'], does: 'takes' },
    options: ['threads', 'engine', 'sparkMaster', 'skipBadRows', 'columns'],
    why: 'without `all` or `events` they mean nothing, which only the command says; the library ignores them',
  },
  {
    ...{ operations: ['similarAll', 'recommendAll'], options: ['sparkMaster'], interfaces: ['library'] },
    does: 'takes',
    why: 'without the engine spark it means nothing, which only the command says; the library ignores it',
  },
  {
    ...{
      operations: ['recommendAll'],
      options: ['seedItems', 'shown'],
      interfaces: ['library'],
      does: 'takes',
    },
    why: 'without `recipe` they mean nothing, which only the command says; the library ignores them',
  },
  {
    ...{
      operations: ['userVector'],
      options: ['feedback', 'skipWeight'],
      interfaces: overHttp,
      does: 'refuses',
    },
    why: 'the vector of a listener is made with the ledger over HTTP, and cannot be had without',
  },
  {
    ...{
      options: [
        'kind',
        'for',
        'only',
        'excludeFrom',
        'vector',
        'fallback',
        'events',
        'columns',
        'sparkMaster',
      ],
    },
    ...{ interfaces: everyOther, does: 'takes', wrongValues: true },
    why: 'an empty text is no value on the command line; the others look for what is called so',
  },
];

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
