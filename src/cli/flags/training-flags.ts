/** How a model is trained, whatever the model, and how its vectors are indexed. */
import { optionValues } from '../../core/options/values.js';
import { decimal, inGroup, named, text, toggle, wholeNumber, withEnvironment } from './flag-kinds.js';

const ownFlags = withEnvironment({
  holdout: decimal({
    description: 'fraction of each user’s pairs to keep out of training, to measure with',
    ...optionValues.holdout,
  }),
  'early-stop': text({
    description:
      'end once a metric of the held-out pairs has not risen for so many epochs, such as ndcg@100:3, and keep the best epoch; holds out 0.1 unless --holdout says more',
    defaultText: 'no; 3 epochs',
    helpValue: 'METRIC[:EPOCHS]',
  }),
  'time-budget': text({
    description: 'end after the epoch that reaches this time of training, such as 10m or 2h',
    defaultText: 'none',
    helpValue: 'TIME',
  }),
  checkpoint: text({
    description:
      'save the training every so many epochs (5) or so much time (10m): the same command goes on from there after an interruption',
    defaultText: 'none',
    helpValue: 'EVERY',
  }),
  'without-users': toggle({
    description: 'leave users and their histories out of the snapshot, to give it away',
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
      description: 'fraction of the true 10 nearest neighbours that the index has to find',
      ...optionValues.targetRecall,
    }),
    lists: wholeNumber({
      description: 'lists of the inverted file (IVF)',
      defaultText: 'by their number',
      ...optionValues.lists,
    }),
  }),
);
