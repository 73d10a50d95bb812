import type { TaskContext } from '../contracts.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { decayFrom, parseAsOf, type Decay } from '../models/folding/decay.js';
import { warnOfTimes } from '../events/event-times.js';
import type { ModelEvents } from './model-events.js';

/** Whether older listening counts less. */
export interface AgingOptions {
  /** '30d': listening counts half after every such time, before `asOf`. */
  readonly halfLife?: string | undefined;
  /** ISO 8601; by default the time of the latest event. */
  readonly asOf?: string | undefined;
}

/**
 * As it is asked for, else as in training (`ofModel`). Ages count back from --as-of, else from the latest event there is,
 * or that was trained on where the half-life is the training's. Warns where that is in the future.
 */
export function decayOf(
  { halfLife, asOf }: AgingOptions,
  { manifest }: Pick<OpenSnapshot, 'manifest'>,
  events: Pick<ModelEvents, 'lastAtMs'> | undefined,
  ofModel: Decay | undefined,
  context: TaskContext,
): { decay?: Decay } {
  if (halfLife === undefined && ofModel !== undefined)
    return { decay: asOf === undefined ? ofModel : { ...ofModel, asOfMs: parseAsOf(asOf) } };
  const { lastAt } = manifest.inputs.interactions;
  const known = lastAt === null ? [] : [Date.parse(lastAt)];
  // What is read with --events has been looked at there.
  if (lastAt !== null && halfLife !== undefined && events === undefined) {
    const latestAt = BigInt(Date.parse(lastAt));
    warnOfTimes({ firstAt: latestAt, lastAt: latestAt }, { halfLife, asOf }, context);
  }
  const latest = Math.max(...known, ...(events?.lastAtMs === undefined ? [] : [events.lastAtMs]));
  const decay = decayFrom(halfLife, asOf, Number.isFinite(latest) ? latest : undefined);
  return decay === undefined ? {} : { decay };
}
