/** The flags of vectors that come from other programs, and go to them. */
import { optionValues } from '../../core/options/values.js';
import { choice, inGroup, text, withEnvironment } from './flag-kinds.js';

/** How vectors are written in a file: not how events are, or answers. */
export const vectorFormat = inGroup(
  'VECTOR',
  withEnvironment({
    format: choice(optionValues.vectorFormat.choices, {
      description:
        'file format of the vectors: npy (ids in a file beside it), parquet, arrow (Feather), csv, npz (vectors ' +
        'and ids) or word2vec text',
      defaultText: 'by the file’s extension',
    }),
  }),
);
vectorFormat.format.env = 'SEGUE_VECTOR_FORMAT';

/** Of `export`. */
export const exportFlags = inGroup(
  'QUERY',
  withEnvironment({
    what: choice(optionValues.what.choices, {
      description: 'whose vectors to write',
      default: optionValues.what.default,
    }),
  }),
);

/** Of `import`: which files and columns hold what, and what the vectors are. */
export const importFlags = inGroup(
  'VECTOR',
  withEnvironment({
    ids: text({
      description: 'ids of the vectors, in the same order: a text, JSON Lines or .npy file',
      defaultText: 'the ids in the table of vectors',
      helpValue: 'FILE',
    }),
    'user-vectors': text({
      description: 'user vectors, from the same training as the items',
      helpValue: 'FILE',
    }),
    'user-ids': text({ description: 'ids of the user vectors, in the same order', helpValue: 'FILE' }),
    'id-column': text({
      description: 'column that holds the ids in a table of vectors',
      defaultText: 'id, item, word …',
      helpValue: 'NAME',
    }),
    'vector-column': text({
      description: 'column that holds the vectors in a table',
      defaultText: 'the only column of lists',
      helpValue: 'NAME',
    }),
    'count-column': text({
      description: 'column that holds the play counts of items',
      defaultText: 'count, if there is one',
      helpValue: 'NAME',
    }),
    measure: choice(optionValues.measure.choices, {
      description:
        'what the vectors were trained for: inner-product (factorisation: implicit, Spark) or cosine (word2vec, gensim)',
      default: optionValues.measure.default,
    }),
  }),
);
