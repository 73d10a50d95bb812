/** The flags that say which items an answer may hold. */
import { inGroup, text, texts, toggle, withEnvironment } from './flag-kinds.js';

/** The browser shows everything. */
const notBrowsing = { exclusive: ['browse'] };

export const filterFlags = inGroup(
  'FILTER',
  withEnvironment({
    where: text({
      description:
        'only items that match, such as \'released >= 1975 and artist != "Eagles"\' (docs/filters.md)',
      helpValue: 'PREDICATE',
      ...notBrowsing,
    }),
    only: text({
      description: 'only the items listed in a file, one id or name per line (- is stdin)',
      helpValue: 'FILE',
      ...notBrowsing,
    }),
    exclude: texts({
      description: 'item to leave out (repeatable)',
      helpValue: 'ITEM',
      ...notBrowsing,
    }),
    'exclude-from': text({
      description: 'leave out the items listed in a file, one id or name per line (- is stdin)',
      helpValue: 'FILE',
      ...notBrowsing,
    }),
    'skip-unknown': toggle({
      description:
        'skip and count what --exclude or a line of a file names and is not known, instead of stopping',
      ...notBrowsing,
    }),
  }),
);
