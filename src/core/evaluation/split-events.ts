/** One set of events, split for training and measuring: the ways that need no files of their own. */
import type { CountedEvents } from '../events/interactions-hash.js';
import { pickPairs } from '../events/pick-pairs.js';
import { isTime, noTime } from '../numeric/pairs.js';
import { leaveLastOut, mark, randomSplit, strongSplit } from '../numeric/splits.js';
import { splitByMarks, type MeasuredSplit } from './measured-split.js';

/** numeric/splits.ts says what each is. */
export type EventSplit =
  | {
      readonly kind: 'strong';
      /** Users held out for validation, and as many for test. */
      readonly heldOutUsers: number;
      /** Of each one's items, to be found; the others are folded in. */
      readonly share: number;
      readonly seed: number;
    }
  | { readonly kind: 'random'; readonly share: number; readonly seed: number }
  | { readonly kind: 'leave-last-out'; readonly seed: number };

/** Which of the two held-out parts is measured: tune by one, report the other. */
export type MeasuredPart = 'valid' | 'test';

export interface EventsSplit extends MeasuredSplit {
  /** What deserves a warning, as sentences. */
  readonly remarks: readonly string[];
}

/**
 * Splits. Validation and test never share a pair: with 'strong' they are different users, else 'valid' splits what 'test'
 * trains on once more, in the same way.
 */
export function splitEvents(all: CountedEvents, split: EventSplit, part: MeasuredPart): EventsSplit {
  switch (split.kind) {
    case 'strong': {
      const { heldOutUsers: held, share, seed } = split;
      const { marks, unknownPairs } = strongSplit(all.pairs, { held, share, part, seed });
      const remark = `${String(unknownPairs)} pairs of held-out users are of items without training data: left out`;
      return { ...splitByMarks(all, marks), remarks: unknownPairs > 0 ? [remark] : [] };
    }
    case 'random': {
      const splitOnce = (events: CountedEvents, seed: number): Uint8Array =>
        randomSplit(events.pairs, { share: split.share, seed });
      const events = part === 'test' ? all : pickPairs(all, splitOnce(all, split.seed), mark.train).events;
      return { ...splitByMarks(events, splitOnce(events, split.seed)), remarks: [] };
    }
    case 'leave-last-out': {
      const events =
        part === 'test' ? all : pickPairs(all, leaveLastOut(all.pairs, split.seed).marks, mark.train).events;
      const { marks, tiedUsers } = leaveLastOut(events.pairs, split.seed);
      return {
        ...splitByMarks(events, marks),
        remarks: [
          ...(tiedUsers > 0
            ? [
                `${String(tiedUsers)} users have several items at their last time: one of them is chosen at random`,
              ]
            : []),
          ...lookAhead(events, marks),
        ],
      };
    }
  }
}

/** Whether training saw later events than what is to be found: what nobody can do who predicts. */
function lookAhead({ pairs, lastAt }: CountedEvents, marks: Uint8Array): string[] {
  if (lastAt === null) return [];
  let latestTrained = noTime;
  for (let p = 0; p < marks.length; p++) {
    const at = pairs.lastAt[p] ?? noTime;
    if (marks[p] === mark.train && at > latestTrained) latestTrained = at;
  }
  let targets = 0;
  let older = 0;
  for (let p = 0; p < marks.length; p++) {
    if (marks[p] !== mark.target) continue;
    targets++;
    if ((pairs.lastAt[p] ?? noTime) < latestTrained) older++;
  }
  if (older === 0) return [];
  return [
    `${String(older)} of ${String(targets)} targets are older than the latest training event (a leak from the future); ` +
      '`splitAt` trains on the past alone',
  ];
}

/**
 * The time before which a share of the pairs had their latest event, in ms; undefined where no pair has a time.
 * @param share 0 … 1
 */
export function timeOfShare({ pairs }: CountedEvents, share: number): number | undefined {
  const times = pairs.lastAt.filter(isTime).sort();
  const at = times[Math.min(times.length - 1, Math.floor(share * times.length))];
  return at === undefined ? undefined : Number(at);
}
