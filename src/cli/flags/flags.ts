/** Flags that commands of every topic take. Each flag is said once (name, unit, default, range), in the file of its topic. */
import { defaultThreads, optionValues } from '../../core/options/values.js';
import type { BooleanFlag, OptionFlag } from '@oclif/core/interfaces';
import { directory, inGroup, named, text, toggle, wholeNumber, withEnvironment } from './flag-kinds.js';
import { questionFlags } from './question-flags.js';

const threads: OptionFlag<number> = {
  ...wholeNumber({
    description: 'worker threads; results do not depend on it',
    defaultText: 'one per core',
    ...optionValues.threads,
    default: 1,
  }),
  default: () => Promise.resolve(defaultThreads()),
  // The manifest is made on another machine.
  noCacheDefault: true,
};

/** Taken by every command. */
export const globalFlags = withEnvironment({
  root: directory({
    description: 'directory that holds the snapshots',
    helpValue: 'DIR',
    helpGroup: 'GLOBAL',
    ...optionValues.root,
  }),
  json: toggle({
    description: 'print one JSON document per result on stdout, errors included',
    helpGroup: 'GLOBAL',
  }),
  quiet: toggle({
    description: 'show no progress or notes, only warnings and errors',
    helpGroup: 'GLOBAL',
    exclusive: ['verbose'],
  }),
  verbose: toggle({
    description:
      'show which snapshot answered, how long each step took, how much memory it used, and where an error arose',
    helpGroup: 'GLOBAL',
  }),
});

const snapshotFlag = withEnvironment({
  snapshot: text({
    description: 'snapshot to read: id, unique prefix, tag, current, previous or latest',
    defaultText: 'current',
    helpValue: 'REF',
  }),
  as: text({
    description: 'name of the model to read, if the snapshot is a bundle of several',
    defaultText: "the bundle's first",
    helpValue: 'NAME',
  }),
});

const runFlags = withEnvironment({
  seed: wholeNumber({
    description: 'random seed; the same seed gives the same bytes',
    ...optionValues.seed,
  }),
  threads,
  'dry-run': toggle({ description: 'show what would be done, and change nothing' }),
});

const outputFlags = withEnvironment({
  tag: text({ description: 'name to give the snapshot, such as nightly', helpValue: 'NAME' }),
  out: text({
    description: 'file to write; - is stdout',
    defaultText: 'stdout',
    helpValue: 'FILE',
  }),
});

const all = {
  ...inGroup('QUERY', snapshotFlag),
  ...inGroup('RUN', runFlags),
  ...inGroup('OUTPUT', outputFlags),
  ...questionFlags,
};

/** Some of these, and of what is asked of a snapshot. */
export function flagsNamed<K extends keyof typeof all>(...names: readonly K[]): Pick<typeof all, K> {
  return named(all, ...names);
}

/** --all, of what a command is about: `description` says of what. */
export function allFlag(description: string): { readonly all: BooleanFlag<boolean> } {
  return inGroup('QUERY', withEnvironment({ all: toggle({ description }) }));
}

/** --explain of a user, and how much of it: -k is less than elsewhere, since there are many lists. */
export const factsFlags = inGroup(
  'QUERY',
  withEnvironment({
    explain: toggle({
      description:
        'show what is known of USER: what makes their recommendations, nearest items and users, how mainstream ' +
        'and broad they listen, what is recent, what moved since the snapshot published before, and bans',
    }),
    k: wholeNumber({ char: 'k', description: 'number of results', ...optionValues.facts }),
  }),
);

/** --force, which overrides something else in every command: `description` says what. */
export function forceFlag(description: string): { readonly force: BooleanFlag<boolean> } {
  return inGroup('OUTPUT', withEnvironment({ force: toggle({ description }) }));
}
