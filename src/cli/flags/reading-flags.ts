/** How events, and tables of items, are read, and which events count. */
import { optionValues } from '../../core/options/values.js';
import { choice, decimal, inGroup, text, toggle, wholeNumber, withEnvironment } from './flag-kinds.js';

/** How the text of events and items is written. */
export const textFlags = inGroup(
  'INPUT',
  withEnvironment({
    columns: text({
      description:
        'which column is which, by name or position, such as user=listener,item=track,time=at; also weight and ' +
        'type; item=artist+track joins two columns into an id',
      helpValue: 'MAP',
    }),
    delimiter: text({
      description: "column separator of text files: ';', '|', '::', tab or any other text",
      defaultText: 'comma or tab',
      helpValue: 'TEXT',
    }),
    quote: text({
      description: 'quote character of text files, or none',
      defaultText: 'double quote; none in tab-separated files',
      helpValue: 'CHAR',
    }),
    'decimal-comma': toggle({ description: 'weights in text files are written 0,5 instead of 0.5' }),
    'no-header': toggle({
      description: 'the first line of every file is data, even if it looks like column names',
    }),
    encoding: text({
      description: 'encoding of text files, such as latin1, windows-1252, macintosh, utf-16 or shift_jis',
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
        description: 'format of the events; lightgcn has a user and then their items on each line',
        default: optionValues.eventFormat.default,
      }),
      'skip-bad-rows': toggle({
        description: 'skip and count rows that cannot be read, instead of stopping',
      }),
    }),
  ),
  ...inGroup(
    'EVENT',
    withEnvironment({
      'min-weight': decimal({
        description: 'leave out plays and likes with a lower weight, such as ratings below 4',
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
        description:
          'apply the two minimums once, items first, instead of repeating until both hold (Liang et al. 2018)',
      }),
    }),
  ),
};

export const itemTableFlags = inGroup(
  'INPUT',
  withEnvironment({
    items: text({
      description: 'table of items: id, name, artist, album, released, kind …',
      helpValue: 'FILE',
    }),
    'item-columns': text({
      description:
        'which column of --items is which, and new names for others, such as id=1,name=title,artist=3',
      helpValue: 'MAP',
    }),
    'item-delimiter': text({
      description: 'column separator of --items',
      defaultText: 'same as --delimiter',
      helpValue: 'TEXT',
    }),
    'item-header': choice(optionValues.itemHeader.choices, {
      description: 'whether the first line of --items names its columns',
      defaultText: 'yes; no with --no-header',
    }),
    'item-encoding': text({
      description: 'encoding of --items',
      defaultText: 'same as --encoding',
      helpValue: 'NAME',
    }),
  }),
);
