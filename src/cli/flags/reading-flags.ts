/** How events, and tables of items, are read, and which events count. */
import { optionValues } from '../../core/options/values.js';
import { choice, decimal, inGroup, text, toggle, wholeNumber, withEnvironment } from './flag-kinds.js';

/** How the text of events and items is written. */
export const textFlags = inGroup(
  'INPUT',
  withEnvironment({
    columns: text({
      description:
        'which column is what, by header name or by position: user=listener,item=track,weight=plays,time=at,type=kind; item=artist+track is an id of two',
      helpValue: 'MAP',
    }),
    delimiter: text({
      description: "what separates the columns of text files: ';', '|', '::', tab or any other text",
      defaultText: 'a comma, or a tab',
      helpValue: 'TEXT',
    }),
    quote: text({
      description: 'quote character of delimited files, or none',
      defaultText: 'a double quote; none between tabs',
      helpValue: 'CHAR',
    }),
    'decimal-comma': toggle({ description: 'weights in delimited files are written 0,5 instead of 0.5' }),
    'no-header': toggle({
      description: 'the first line of every file is data, not names of columns, whatever it looks like',
    }),
    encoding: text({
      description:
        'what text files are written in, such as latin1, windows-1252, macintosh, utf-16 or shift_jis',
      defaultText: 'utf-8',
      helpValue: 'NAME',
    }),
  }),
);

/** How events are read, and which of them count. */
export const readingFlags = {
  ...textFlags,
  ...inGroup(
    'INPUT',
    withEnvironment({
      format: choice(optionValues.eventFormat.choices, {
        description: 'how events are written: lightgcn is a user and then their items on every line',
        default: optionValues.eventFormat.default,
      }),
      'skip-bad-rows': toggle({
        description: 'leave out rows that cannot be read, and count them, instead of stopping',
      }),
    }),
  ),
  ...inGroup(
    'EVENT',
    withEnvironment({
      'min-weight': decimal({
        description: 'leave out plays and likes that weigh less, such as ratings below 4',
        ...optionValues.minWeight,
      }),
      'min-user-items': wholeNumber({
        description: 'leave out users with fewer distinct items',
        ...optionValues.minUserItems,
      }),
      'min-item-users': wholeNumber({
        description: 'leave out items with fewer distinct users',
        ...optionValues.minItemUsers,
      }),
      'min-once': toggle({
        description: 'apply the minimums once, items first, instead of until both hold (Liang et al. 2018)',
      }),
    }),
  ),
};

export const itemTableFlags = inGroup(
  'INPUT',
  withEnvironment({
    items: text({
      description: 'table of items with their id, name, artist, album, released, kind …',
      helpValue: 'FILE',
    }),
    'item-columns': text({
      description:
        'which column of --items is what, and what others are to be called: id=1,name=title,artist=3',
      helpValue: 'MAP',
    }),
    'item-delimiter': text({
      description: 'what separates the columns of --items',
      defaultText: 'as --delimiter',
      helpValue: 'TEXT',
    }),
    'item-header': choice(optionValues.itemHeader.choices, {
      description: 'whether the first line of --items has the names of its columns',
      defaultText: 'yes; no with --no-header',
    }),
    'item-encoding': text({
      description: 'what --items is written in',
      defaultText: 'as --encoding',
      helpValue: 'NAME',
    }),
  }),
);
