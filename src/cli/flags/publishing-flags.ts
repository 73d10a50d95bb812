/** Publishing and rolling back, comparing snapshots, listing them and collecting old ones. */
import { optionValues } from '../../core/options/values.js';
import { choice, inGroup, named, text, texts, wholeNumber, withEnvironment } from './flag-kinds.js';

export const publishingFlags = inGroup(
  'PUBLISHING',
  withEnvironment({
    expect: text({
      description: 'go on only if this snapshot (or none) is the current one now, else exit 5',
      helpValue: 'REF',
    }),
    require: texts({
      description: "gate that has to hold, such as 'recall@10>=0.9' or 'overlap@10>=0.6' (repeatable)",
      helpValue: 'GATE',
    }),
    gates: text({
      description: 'file of gates and canary items, YAML or JSON; none: no file',
      defaultText: 'segue-gates.yaml beside the root, if there is one',
      helpValue: 'FILE',
    }),
    why: text({ description: 'reason to write into the history', helpValue: 'TEXT' }),
    'to-time': text({
      description: 'what was current then: ISO 8601, UTC where it names no zone, or an age such as 2d or 90m',
      defaultText: 'what was current before',
      helpValue: 'TIME',
    }),
  }),
);

export const comparisonFlags = inGroup(
  'COMPARISON',
  withEnvironment({
    'fail-on': texts({
      description: "exit 1 if this holds, such as 'overlap@10<0.8' (repeatable)",
      helpValue: 'CONDITION',
    }),
    sample: wholeNumber({
      description: 'items whose neighbours are compared',
      defaultText: 'by their number',
      ...optionValues.sample,
    }),
    users: wholeNumber({
      description:
        'users whose recommendations are compared, and whose vectors of A are scored with items of B',
      defaultText: '500, fewer where there are very many items',
      ...optionValues.comparedUsers,
    }),
  }),
);

const ownFlags = withEnvironment({
  keep: wholeNumber({
    description: 'most recently made snapshots to keep, whatever their age',
    ...optionValues.keep,
  }),
  'older-than': text({
    description: 'delete only what was made, and last current, longer ago than this, such as 30d or 12h',
    defaultText: 'any age; 7d for checkpoints',
    helpValue: 'AGE',
  }),
  limit: wholeNumber({
    char: 'n',
    description: 'how many to show at most, newest first',
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
      description: 'how to answer: text, or markdown for a pull request comment, as GitHub takes it',
      default: 'text',
      exclusive: ['json'],
    }),
  }),
);
outputFormat.format.env = 'SEGUE_OUTPUT_FORMAT';
