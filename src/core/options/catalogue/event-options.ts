/** How events, and tables of items, are read, which events count, and what they weigh. */
import { choice, flag, number, or, text, texts, wholeNumber } from '../kinds.js';
import { option } from '../option.js';

/** How the text of events and items is written. */
export const textOptions = {
  columns: option(text, {
    about:
      'which column is which, by name or position, such as user=listener,item=track,time=at; also weight and ' +
      'type; item=artist+track joins two columns into an id',
    group: 'INPUT',
    value: 'MAP',
  }),
  delimiter: option(text, {
    about: "column separator of text files: ';', '|', '::', tab or any other text",
    group: 'FORMAT',
    value: 'TEXT',
    usually: 'comma or tab',
  }),
  quote: option(text, {
    about: 'quote character of text files, or none',
    group: 'FORMAT',
    value: 'CHAR',
    usually: 'double quote; none in tab-separated files',
  }),
  decimalComma: option(flag, {
    about: 'weights in text files are written 0,5 instead of 0.5',
    group: 'FORMAT',
  }),
  noHeader: option(flag, {
    about: 'the first line of every file is data, even if it looks like column names',
    group: 'FORMAT',
  }),
  encoding: option(text, {
    about: 'encoding of text files, such as latin1, windows-1252, macintosh, utf-16 or shift_jis',
    group: 'FORMAT',
    value: 'NAME',
    usually: 'utf-8',
  }),
};

/** How a table of items is written, where that is otherwise. */
export const itemTextOptions = {
  itemColumns: option(text, {
    about: 'which column of `items` is which, and new names for others, such as id=1,name=title,artist=3',
    group: 'INPUT',
    value: 'MAP',
  }),
  itemDelimiter: option(text, {
    about: 'column separator of `items`',
    group: 'FORMAT',
    value: 'TEXT',
    usually: 'same as `delimiter`',
  }),
  itemHeader: option(choice('yes', 'no'), {
    about: 'whether the first line of `items` names its columns',
    group: 'FORMAT',
    usually: 'yes; no with `noHeader`',
  }),
  itemEncoding: option(text, {
    about: 'encoding of `items`',
    group: 'FORMAT',
    value: 'NAME',
    usually: 'same as `encoding`',
  }),
};

export const eventOptions = {
  ...textOptions,
  ...itemTextOptions,
  eventFormat: option(or(choice('auto', 'lightgcn'), 'auto'), {
    about: 'format of the events; lightgcn has a user and then their items on each line',
    group: 'FORMAT',
  }),
  skipBadRows: option(or(flag, false), {
    about: 'skip and count rows that cannot be read, instead of stopping',
    group: 'INPUT',
  }),
  events: option(texts, {
    about: 'files of events, globs of files, or - for stdin',
    group: 'INPUT',
    value: 'FILE',
    isFile: true,
  }),
  /** In place of the histories that a snapshot has. */
  historiesFrom: option(text, {
    about:
      'file of events that become the histories of the users in it, replacing any they have (- is stdin)',
    group: 'INPUT',
    value: 'FILE',
    isFile: true,
  }),
  itemTable: option(text, {
    about: 'table of items: id, name, artist, album, released, kind …',
    group: 'INPUT',
    value: 'FILE',
    isFile: true,
  }),

  minWeight: option(number({ min: 0, max: 1e9 }), {
    about: 'leave out plays and likes with a lower weight, such as ratings below 4',
    group: 'EVENT',
  }),
  minUserItems: option(or(wholeNumber({ min: 1 }), 1), {
    about: 'leave out users with fewer distinct items',
    group: 'EVENT',
  }),
  minItemUsers: option(or(wholeNumber({ min: 1 }), 1), {
    about: 'leave out items with fewer distinct users',
    group: 'EVENT',
  }),
  minimumsOnce: option(or(flag, false), {
    about:
      'apply the two minimums once, items first, instead of repeating until both hold (Liang et al. 2018)',
    group: 'EVENT',
    flag: 'min-once',
  }),

  halfLife: option(text, {
    about: 'age at which an event counts half as much, such as 30d or 12h',
    group: 'WEIGHT',
    value: 'AGE',
    usually: 'the one the model was trained with, else events do not age',
  }),
  asOf: option(text, {
    about: 'time from which ages are counted, ISO 8601',
    group: 'WEIGHT',
    value: 'TIME',
    usually: 'time of the latest event',
  }),
};
