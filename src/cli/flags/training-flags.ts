/** How a model is trained, whatever the model, and how its vectors are indexed. */
import { optionValues } from '../../core/options/values.js';
import { decimal, inGroup, named, text, toggle, wholeNumber, withEnvironment } from './flag-kinds.js';

const ownFlags = withEnvironment({
  holdout: decimal({
    description: 'fraction of each user’s pairs to hold out of training, for measuring',
    ...optionValues.holdout,
  }),
  'early-stop': text({
    description:
      'stop when a metric on the held-out pairs has not improved for this many epochs, such as ndcg@100:3, and ' +
      'keep the best epoch; without --holdout, holds out 0.1',
    defaultText: 'off; 3 epochs',
    helpValue: 'METRIC[:EPOCHS]',
  }),
  'time-budget': text({
    description: 'stop after the epoch in which training reaches this time, such as 10m or 2h',
    defaultText: 'none',
    helpValue: 'TIME',
  }),
  checkpoint: text({
    description:
      'save the training every few epochs (5) or minutes (10m); after an interruption, the same command ' +
      'resumes from there',
    defaultText: 'none',
    helpValue: 'EVERY',
  }),
  'without-users': toggle({
    description: 'leave users and their histories out of the snapshot, so that it can be shared',
  }),
});

export const trainingFlags = {
  ...inGroup('RUN', ownFlags),
  ...inGroup('OUTPUT', named(ownFlags, 'without-users')),
};

export const indexFlags = inGroup(
  'INDEX',
  withEnvironment({
    'target-recall': decimal({
      description: 'recall@10 that the index has to reach against exact search',
      ...optionValues.targetRecall,
    }),
    lists: wholeNumber({
      description: 'number of lists of the inverted file (IVF)',
      defaultText: 'by the number of items',
      ...optionValues.lists,
    }),
  }),
);
