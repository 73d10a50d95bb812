import type { TaskContext } from '../contracts.js';
import { warnOfTimes } from '../events/event-times.js';
import type { Decay } from '../models/folding/decay.js';
import { askedDecay, type AgingOptions } from '../query/user-vectors.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { ModelEvents } from './model-events.js';

/** As `askedDecay`. Warns where ages count back from a latest event that is in the future. */
export function decayOf(
  options: AgingOptions,
  snapshot: Pick<OpenSnapshot, 'manifest'>,
  events: Pick<ModelEvents, 'lastAtMs'> | undefined,
  ofModel: Decay | undefined,
  context: TaskContext,
): Decay | undefined {
  const { lastAt } = snapshot.manifest.inputs.interactions;
  // What is read with --events has been looked at there.
  if (lastAt !== null && options.halfLife !== undefined && events === undefined) {
    const latestAt = BigInt(Date.parse(lastAt));
    warnOfTimes({ firstAt: latestAt, lastAt: latestAt }, options, context);
  }
  return askedDecay(options, snapshot, events?.lastAtMs, ofModel);
}
