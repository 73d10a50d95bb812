/** The flags that say which items an answer may hold. */
import { inGroup, text, texts, toggle, withEnvironment } from './flag-kinds.js';

/** The browser shows everything. */
const notBrowsing = { exclusive: ['browse'] };

export const filterFlags = inGroup(
  'FILTER',
  withEnvironment({
    where: text({
      description:
        'only items for which this holds, such as \'released >= 1975 and artist != "Eagles"\' (docs/filters.md)',
      helpValue: 'PREDICATE',
      ...notBrowsing,
    }),
    only: text({
      description: 'only the items of a file, an id or name a line (- is stdin)',
      helpValue: 'FILE',
      ...notBrowsing,
    }),
    exclude: texts({
      description: 'item to leave out of the answer (repeatable)',
      helpValue: 'ITEM',
      ...notBrowsing,
    }),
    'exclude-from': text({
      description: 'leave out the items of a file, an id or name a line (- is stdin)',
      helpValue: 'FILE',
      ...notBrowsing,
    }),
    'skip-unknown': toggle({
      description: 'leave out lines of a file that name no item or user, and count them, instead of stopping',
      ...notBrowsing,
    }),
  }),
);
