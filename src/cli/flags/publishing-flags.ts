/** Publishing and rolling back, comparing snapshots, listing them and collecting old ones. */
import { optionValues } from '../../core/options/values.js';
import { choice, inGroup, named, text, texts, wholeNumber, withEnvironment } from './flag-kinds.js';

export const publishingFlags = inGroup(
  'PUBLISHING',
  withEnvironment({
    expect: text({
      description: 'continue only if this snapshot (or none) is current now, else exit 5',
      helpValue: 'REF',
    }),
    require: texts({
      description: "gate that has to pass, such as 'recall@10>=0.9' or 'overlap@10>=0.6' (repeatable)",
      helpValue: 'GATE',
    }),
    gates: text({
      description: 'YAML or JSON file of gates and canary items; none: no file',
      defaultText: 'segue-gates.yaml beside the root, if there is one',
      helpValue: 'FILE',
    }),
    why: text({ description: 'reason to record in the publication log', helpValue: 'TEXT' }),
    'to-time': text({
      description:
        'go back to what was current at this time: ISO 8601 (UTC if it names no zone), or an age such as 2d or 90m',
      defaultText: 'the previous snapshot',
      helpValue: 'TIME',
    }),
  }),
);

export const comparisonFlags = inGroup(
  'COMPARISON',
  withEnvironment({
    'fail-on': texts({
      description: "exit 1 if this is true, such as 'overlap@10<0.8' (repeatable)",
      helpValue: 'CONDITION',
    }),
    as: text({
      description: 'name of the model to compare, if both snapshots or one are bundles of several',
      defaultText: 'each name of two bundles; of one its first',
      helpValue: 'NAME',
    }),
    sample: wholeNumber({
      description: 'number of items whose neighbours are compared',
      defaultText: 'by the number of items',
      ...optionValues.sample,
    }),
    users: wholeNumber({
      description:
        'number of users whose recommendations are compared, and whose vectors from A are scored with the items ' +
        'of B',
      defaultText: '500, or fewer if there are very many items',
      ...optionValues.comparedUsers,
    }),
  }),
);

const ownFlags = withEnvironment({
  keep: wholeNumber({
    description: 'number of newest snapshots to keep, whatever their age',
    ...optionValues.keep,
  }),
  'older-than': text({
    description: 'delete only what was made, and was last current, longer ago than this, such as 30d or 12h',
    defaultText: 'any age; 7d for checkpoints',
    helpValue: 'AGE',
  }),
  limit: wholeNumber({
    char: 'n',
    description: 'maximum number of entries to show, newest first',
    defaultText: 'all',
    ...optionValues.limit,
  }),
});

export const retentionFlags = {
  ...inGroup('RETENTION', ownFlags),
  ...inGroup('OUTPUT', named(ownFlags, 'limit')),
};

/** How a command answers: not how events are written, so its variable has another name. */
export const outputFormat = inGroup(
  'OUTPUT',
  withEnvironment({
    format: choice(['text', 'markdown'], {
      description: 'output format: text, or markdown for a pull request comment on GitHub',
      default: 'text',
      exclusive: ['json'],
    }),
  }),
);
outputFormat.format.env = 'SEGUE_OUTPUT_FORMAT';
