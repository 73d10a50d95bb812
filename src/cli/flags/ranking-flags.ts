/** The flags of answers for many: whom they are for, and how they are written. */
import { optionValues } from '../../core/options/values.js';
import { choice, inGroup, text, withEnvironment } from './flag-kinds.js';
import { allFlag, flagsNamed, forceFlag } from './flags.js';

const userListFlags = inGroup(
  'BATCH',
  withEnvironment({
    'users-from': text({
      description: 'file of the users to recommend to, one id per line (- is stdin)',
      helpValue: 'FILE',
    }),
  }),
);

const rankingFormat = withEnvironment({
  format: choice(optionValues.rankingFormat.choices, {
    description: 'file format of the results',
    defaultText: 'by the extension of --out, else ndjson',
  }),
});
// Not the format of events.
rankingFormat.format.env = 'SEGUE_RANKING_FORMAT';

const writtenFlags = inGroup('BATCH', {
  ...flagsNamed('out'),
  ...forceFlag('overwrite the file of --out if it exists'),
  ...flagsNamed('threads'),
  ...rankingFormat,
});

export const neighbourListFlags = {
  ...inGroup('BATCH', allFlag('find the neighbours of every item')),
  ...writtenFlags,
};

export const recommendationListFlags = {
  ...userListFlags,
  ...inGroup('BATCH', allFlag('recommend to every user of the snapshot')),
  ...writtenFlags,
};
