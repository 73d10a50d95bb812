/** Vectors that come from other programs, and go to them. */
import { choice, or, text } from '../kinds.js';
import { option } from '../option.js';

export const vectorOptions = {
  vectorFormat: option(choice('npy', 'parquet', 'arrow', 'csv', 'npz', 'word2vec'), {
    about:
      'file format of the vectors: npy (ids in a file beside it), parquet, arrow (Feather), csv, npz (vectors ' +
      'and ids) or word2vec text',
    group: 'VECTOR',
    usually: 'by the file’s extension',
    variable: 'VECTOR_FORMAT',
  }),
  what: option(or(choice('items', 'users'), 'items'), { about: 'whose vectors to write', group: 'QUERY' }),
  vectors: option(text, { about: 'file with the vectors of items', group: 'VECTOR', value: 'FILE' }),
  ids: option(text, {
    about: 'ids of the vectors, in the same order: a text, JSON Lines or .npy file',
    group: 'VECTOR',
    value: 'FILE',
    usually: 'the ids in the table of vectors',
  }),
  userVectors: option(text, {
    about: 'user vectors, from the same training as the items',
    group: 'VECTOR',
    value: 'FILE',
  }),
  userIds: option(text, {
    about: 'ids of the user vectors, in the same order',
    group: 'VECTOR',
    value: 'FILE',
  }),
  idColumn: option(text, {
    about: 'column that holds the ids in a table of vectors',
    group: 'VECTOR',
    value: 'NAME',
    usually: 'id, item, word …',
  }),
  vectorColumn: option(text, {
    about: 'column that holds the vectors in a table',
    group: 'VECTOR',
    value: 'NAME',
    usually: 'the only column of lists',
  }),
  countColumn: option(text, {
    about: 'column that holds the play counts of items',
    group: 'VECTOR',
    value: 'NAME',
    usually: 'count, if there is one',
  }),
  measure: option(or(choice('inner-product', 'cosine'), 'inner-product'), {
    about:
      'what the vectors were trained for: inner-product (factorisation: implicit, Spark) or cosine (word2vec, gensim)',
    group: 'VECTOR',
  }),
};
