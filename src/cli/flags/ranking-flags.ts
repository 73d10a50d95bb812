/** The flags of answers for many: whom they are for, and how they are written. */
import { choice, inGroup, text, withEnvironment } from './flag-kinds.js';
import { allFlag, flagsNamed, forceFlag } from './flags.js';

export const userListFlags = inGroup(
  'BATCH',
  withEnvironment({
    'users-from': text({
      description: 'file with the users to recommend to, an id a line (- is stdin)',
      helpValue: 'FILE',
    }),
  }),
);

const rankingFormat = withEnvironment({
  format: choice(['ndjson', 'arrow', 'parquet'], {
    description: 'how to write answers for many',
    defaultText: 'by the extension of --out FILE, else ndjson',
  }),
});
// Not the format of events.
rankingFormat.format.env = 'SEGUE_RANKING_FORMAT';

/** `whom`: what --all is about. */
export const rankingFlags = (whom: string) =>
  inGroup('BATCH', {
    ...allFlag(whom),
    ...flagsNamed('out'),
    ...forceFlag('replace the file of --out where there is one'),
    ...flagsNamed('threads'),
    ...rankingFormat,
  });
