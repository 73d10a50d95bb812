/** How models are trained, whatever the model, searched for and measured, and how their vectors are indexed. */
import { choice, flag, listOf, number, or, text, texts, wholeNumber } from '../kinds.js';
import { option } from '../option.js';

/** What a split decides where it is left open: what most of them take. */
export const usualSplit = { trainShare: '0.8', testUsers: 0.1, testShare: 0.2 };

export const trainingOptions = {
  holdout: option(or(number({ min: 0, max: 0.9 }), 0), {
    about: 'fraction of each user’s pairs to hold out of training, for measuring',
    group: 'RUN',
  }),
  earlyStop: option(text, {
    about:
      'stop when a metric on the held-out pairs has not improved for this many epochs, such as ndcg@100:3, and ' +
      'keep the best epoch; without `holdout`, holds out 0.1',
    group: 'RUN',
    value: 'METRIC[:EPOCHS]',
    usually: 'off; 3 epochs',
  }),
  timeBudget: option(text, {
    about: 'stop after the epoch in which training reaches this time, such as 10m or 2h',
    group: 'RUN',
    value: 'TIME',
    usually: 'none',
  }),
  checkpoint: option(text, {
    about:
      'save the training every few epochs (5) or minutes (10m); after an interruption, the same command ' +
      'resumes from there',
    group: 'RUN',
    value: 'EVERY',
    usually: 'none',
  }),
  withoutUsers: option(or(flag, false), {
    about: 'leave users and their histories out of the snapshot, so that it can be shared',
    group: 'OUTPUT',
  }),

  targetRecall: option(or(number({ min: 0.01, max: 1 }), 0.95), {
    about: 'recall@10 that the index has to reach against exact search',
    group: 'INDEX',
  }),
  lists: option(wholeNumber({ min: 1, max: 1_000_000 }), {
    about: 'number of lists of the inverted file (IVF)',
    group: 'INDEX',
    usually: 'by the number of items',
  }),

  // Holding out.
  split: option(choice('strong', 'random', 'leave-last-out', 'temporal', 'files'), {
    about:
      'what to hold out: whole users (strong), a share of each user’s items (random), their last item ' +
      '(leave-last-out), all events after a time (temporal), or `test` (files)',
    group: 'HOLDOUT',
    usually: 'strong, or what `test` or `splitAt` implies',
  }),
  part: option(or(choice('test', 'valid'), 'test'), {
    about: 'held-out part to measure: valid for tuning, test for reporting',
    group: 'HOLDOUT',
    flag: 'on',
  }),
  test: option(or(texts, []), {
    about: 'file of held-out events: their items are the targets',
    group: 'HOLDOUT',
    value: 'FILE',
  }),
  valid: option(or(texts, []), {
    about: 'file of held-out events for validation',
    group: 'HOLDOUT',
    value: 'FILE',
  }),
  foldIn: option(or(texts, []), {
    about: 'file of histories of users who are not trained on',
    group: 'HOLDOUT',
    value: 'FILE',
  }),
  splitAt: option(text, {
    about: 'time at which training ends and testing begins (ISO 8601), or the share of pairs before it',
    group: 'HOLDOUT',
    value: 'TIME',
    usually: usualSplit.trainShare,
  }),
  testUsers: option(number({ min: 1e-6 }), {
    about: 'number of users held out for test, and as many for validation; below 1, a share of all users',
    group: 'HOLDOUT',
    usually: String(usualSplit.testUsers),
  }),
  testShare: option(number({ min: 0.01, max: 0.9 }), {
    about: 'share of a user’s items that are targets',
    group: 'HOLDOUT',
    usually: String(usualSplit.testShare),
  }),

  // Measuring.
  cutoffs: option(
    or(listOf(wholeNumber({ min: 1, max: 1000 }), 'whole numbers from 1 to 1000'), [10, 20, 50, 100]),
    {
      about: 'metric cutoffs k',
      group: 'METRIC',
    },
  ),
  recallOver: option(choice('targets', 'min-k'), {
    about: 'denominator of recall@k: all targets (LightGCN), or min(k, targets) (Liang et al. 2018)',
    group: 'METRIC',
    usually: 'min-k with strong or `foldIn`, else targets',
  }),
  bootstrap: option(or(wholeNumber({ min: 0, max: 100_000 }), 1000), {
    about: 'bootstrap resamples of the users for the 95 % intervals; 0: no intervals',
    group: 'METRIC',
  }),

  // Tuning.
  trials: option(or(wholeNumber({ min: 1, max: 10_000 }), 40), {
    about: 'number of settings to try',
    group: 'SEARCH',
  }),
  metric: option(or(text, 'ndcg@10'), {
    about: 'metric to maximise: ndcg, recall, map, hit-rate or mrr, with @k',
    group: 'SEARCH',
    value: 'NAME@K',
  }),
  space: option(or(texts, []), {
    about:
      'option to search, and its values: reg=0.001..0.1:log, factors=32..128:int, confidence=log,binary; or ' +
      '@FILE with one per line',
    group: 'SEARCH',
    value: 'OPTION=VALUES',
  }),
  trialsFile: option(text, {
    about: 'where trials are saved, to resume after an interruption',
    group: 'SEARCH',
    value: 'FILE',
    usually: 'a file below the root',
  }),
};
