/** The flags of answers for many: whom they are for, and how they are written. */
import { choice, text, withEnvironment } from './flag-kinds.js';
import { flagsNamed, forceFlag } from './flags.js';

export const userListFlags = withEnvironment({
  'users-from': text({
    description: 'file with the users to recommend to, an id a line (- is stdin)',
    helpValue: 'FILE',
  }),
});

const rankingFormat = withEnvironment({
  format: choice(['ndjson', 'arrow', 'parquet'], {
    description: 'how to write answers for many',
    defaultText: 'by the extension of --out FILE, else ndjson',
  }),
});
// Not the format of events.
rankingFormat.format.env = 'SEGUE_RANKING_FORMAT';

export const rankingFlags = {
  ...flagsNamed('all', 'out'),
  ...forceFlag('replace the file of --out where there is one'),
  ...flagsNamed('threads'),
  ...rankingFormat,
};
