/** What is held out and how it is measured, and how options are searched for. */
import { optionValues } from '../../core/options/values.js';
import {
  choice,
  decimal,
  inGroup,
  named,
  reworded,
  several,
  text,
  texts,
  wholeNumber,
  wholeNumbers,
  withEnvironment,
} from './flag-kinds.js';
import { flagsNamed } from './flags.js';

const ownFlags = withEnvironment({
  split: choice(optionValues.split.choices, {
    description:
      'what to hold out: whole users (strong), a share of each user’s items (random), their last item ' +
      '(leave-last-out), all events after a time (temporal), or --test (files)',
    defaultText: 'strong, or what --test or --split-at implies',
  }),
  on: choice(optionValues.part.choices, {
    description: 'held-out part to measure: valid for tuning, test for reporting',
    default: optionValues.part.default,
  }),
  test: texts({
    description: 'file of held-out events: their items are the targets (repeatable)',
    helpValue: 'FILE',
  }),
  valid: texts({
    description: 'file of held-out events for validation (repeatable)',
    helpValue: 'FILE',
  }),
  'fold-in': texts({
    description: 'file of histories of users who are not trained on (repeatable)',
    helpValue: 'FILE',
  }),
  'split-at': text({
    description: 'time at which training ends and testing begins (ISO 8601), or the share of pairs before it',
    defaultText: optionValues.splitAt.usual,
    helpValue: 'TIME',
  }),
  'test-users': decimal({
    description:
      'number of users held out for test, and as many for validation; below 1, a share of all users',
    defaultText: String(optionValues.testUsers.usual),
    min: optionValues.testUsers.min,
  }),
  'test-share': decimal({
    description: 'share of a user’s items that are targets',
    defaultText: String(optionValues.testShare.usual),
    min: optionValues.testShare.min,
    max: optionValues.testShare.max,
  }),
  at: wholeNumbers({
    description: 'metric cutoffs k',
    ...optionValues.at,
  }),
  'recall-over': choice(optionValues.recallOver.choices, {
    description: 'denominator of recall@k: all targets (LightGCN), or min(k, targets) (Liang et al. 2018)',
    defaultText: 'min-k with strong or --fold-in, else targets',
  }),
  bootstrap: wholeNumber({
    description: 'bootstrap resamples of the users for the 95 % intervals; 0: no intervals',
    ...optionValues.bootstrap,
  }),
});

export const evaluationFlags = {
  ...inGroup('HOLDOUT', ownFlags),
  ...inGroup('METRIC', named(ownFlags, 'at', 'recall-over', 'bootstrap')),
};

export const tuningFlags = inGroup(
  'SEARCH',
  withEnvironment({
    trials: wholeNumber({ description: 'number of settings to try', ...optionValues.trials }),
    metric: text({
      description: 'metric to maximise: ndcg, recall, map, hit-rate or mrr, with @k',
      helpValue: 'NAME@K',
      ...optionValues.metric,
    }),
    space: texts({
      description:
        'option to search, and its values: reg=0.001..0.1:log, factors=32..128:int, confidence=log,binary; or ' +
        '@FILE with one per line (repeatable)',
      helpValue: 'OPTION=VALUES',
    }),
    'trials-file': text({
      description: 'where trials are saved, to resume after an interruption',
      defaultText: 'a file below the root',
      helpValue: 'FILE',
    }),
  }),
);

/** Snapshots that are measured as they are. */
export const severalSnapshots = inGroup('MODEL', {
  snapshot: several(
    reworded(flagsNamed('snapshot'), {
      snapshot: 'snapshot to measure: id, unique prefix, tag, current, previous or latest',
    }).snapshot,
  ),
});
