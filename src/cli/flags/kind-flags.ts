/** What is asked about, and which kind of thing is looked for. */
import { decimals, text, texts, wholeNumber } from './flag-kinds.js';

export const kindFlags = {
  minus: texts({
    description: 'item to take away from the sum of the others (repeatable)',
    helpValue: 'ITEM',
  }),
  kind: text({
    description: 'kind of thing to answer with: item, artist or album',
    helpValue: 'KIND',
    default: 'item',
  }),
  weights: decimals({
    description: 'how much each ITEM counts, in their order, then each --minus, then --vector',
    usual: '1 each',
  }),
  vector: text({
    description:
      'file with a vector, as user-vector --json prints it, a JSON array, or a .npy of one row (- is stdin)',
    helpValue: 'FILE',
  }),
  'max-per-artist': wholeNumber({
    description: 'most answers by one artist',
    usual: 'no limit',
    min: 1,
    max: 1_000_000,
  }),
};
