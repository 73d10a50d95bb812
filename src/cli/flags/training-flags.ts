/** How a model is trained, whatever the model, and how its vectors are indexed. */
import { decimal, inGroup, named, text, toggle, wholeNumber, withEnvironment } from './flag-kinds.js';

const ownFlags = withEnvironment({
  holdout: decimal({
    description: 'fraction of each user’s pairs to keep out of training, to measure with',
    min: 0,
    max: 0.9,
    default: 0,
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
      min: 0.01,
      max: 1,
      default: 0.95,
    }),
    lists: wholeNumber({
      description: 'lists of the inverted file (IVF)',
      defaultText: 'by their number',
      min: 1,
      max: 1_000_000,
    }),
  }),
);
