/** Flags of events that are followed, or added, one by one. */
import { optionValues } from '../../core/options/values.js';
import { decimal, directory, inGroup, text, toggle, withEnvironment } from './flag-kinds.js';
import { flagsNamed, forceFlag } from './flags.js';
import { textFlags } from './reading-flags.js';

export const stateFlag = inGroup(
  'INPUT',
  withEnvironment({
    state: directory({
      description: 'directory in which a follower keeps events, and how far they were read',
      helpValue: 'DIR',
    }),
  }),
);

export const followFlags = {
  ...flagsNamed('as'),
  ...inGroup(
    'INPUT',
    withEnvironment({
      'add-events': text({
        description:
          'file of events, in any format of train, to add to --state instead; one that was added before is refused',
        helpValue: 'FILE',
      }),
      ...stateFlag,
      stream: text({
        description: 'what stdin is called: its positions are kept by that',
        helpValue: 'NAME',
      }),
      once: toggle({ description: 'read FILE as it is now, in any format of train, and end' }),
      'dedupe-for': text({
        description: 'how long an event is known again by its id; older events become dead letters',
        defaultText: '30d',
        helpValue: 'AGE',
      }),
    }),
  ),
  ...textFlags,
  ...flagsNamed('as-of', 'half-life'),
  ...inGroup(
    'WEIGHT',
    withEnvironment({
      since: text({
        description: 'only what was played or liked since: an age such as 7d, or a time',
        defaultText: 'all; 7d for the recent part of --blend',
        helpValue: 'AGE',
      }),
      blend: text({
        description: 'mix the vectors of everything and of what is recent: lifetime=0.7,recent=0.3',
        defaultText: 'everything',
        helpValue: 'SHARES',
      }),
      'item-cap': decimal({
        description: 'most that the plays of one item weigh together',
        defaultText: 'as in training',
        ...optionValues.itemCap,
      }),
    }),
  ),
  ...inGroup(
    'RUN',
    withEnvironment({
      every: text({
        description: 'events of so long make one group: a fsync, and one line a user',
        defaultText: '100ms',
        helpValue: 'TIME',
      }),
      'max-lag': text({
        description: 'warn where lines come later than this after their events were read',
        defaultText: 'never',
        helpValue: 'TIME',
      }),
    }),
  ),
  ...flagsNamed('out'),
  ...forceFlag('replace the file of --out'),
};
