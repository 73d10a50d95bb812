/** When events were: as answers state it, and a warning where a time can hardly be meant. */
import type { Interactions, TaskContext } from '../contracts.js';

/** ISO 8601 of ms since 1970 UTC. */
export function isoTime(ms: bigint | null): string | null {
  return ms === null ? null : new Date(Number(ms)).toISOString();
}

/** What is measured back from the latest event, as far as it is asked for. */
export interface Ages {
  readonly halfLife?: string | number | undefined;
  readonly asOf?: string | number | undefined;
}

const dayMs = 86_400_000;
/** A local time that is read as UTC is ahead by less. */
const toleratedMs = dayMs;
/** A time of 0, in seconds or ms, and what small numbers become. */
const endOf1970Ms = Date.UTC(1971, 0, 1);
/** No log of listening is older; a column of small numbers ends before it. */
const surelyRealMs = Date.UTC(1995, 0, 1);

/**
 * Warns of a latest event that is not yet, and of 1970 beside real times: a single one of the first makes everything
 * else infinitely old under a half-life. Without `context.now` nothing is known of the future.
 */
export function warnOfTimes(
  { firstAt, lastAt }: Pick<Interactions, 'firstAt' | 'lastAt'>,
  { halfLife, asOf }: Ages,
  { now, onProgress }: TaskContext,
): void {
  if (firstAt === null || lastAt === null) return;
  const ahead = now === undefined ? 0 : Number(lastAt) - now.getTime();
  if (now !== undefined && ahead > toleratedMs) {
    const today = now.toISOString().slice(0, 10);
    const what = `the latest event is from ${dayOf(lastAt)}, ${inWords(ahead)} in the future`;
    const counted =
      halfLife !== undefined && asOf === undefined
        ? `\`halfLife\` ${halfLife} counts back from it, so all older events weigh less than they should: correct its time, or give \`asOf\` ${today}`
        : `is its time right? A \`halfLife\` and recipes count back from it where no \`asOf\` is given`;
    onProgress({ kind: 'warning', message: `${what}; ${counted}` });
  }
  if (Number(firstAt) < endOf1970Ms && Number(lastAt) >= surelyRealMs) {
    const message = `the earliest event is from ${dayOf(firstAt)}, and the latest from ${dayOf(lastAt)}: does a time of 0 mean a missing time? Leave such cells empty`;
    onProgress({ kind: 'warning', message });
  }
}

function dayOf(ms: bigint): string {
  return new Date(Number(ms)).toISOString().slice(0, 10);
}

function inWords(ms: number): string {
  const days = Math.floor(ms / dayMs);
  if (days < 730) return days === 1 ? '1 day' : `${days} days`;
  return `${Math.floor(days / 365.25)} years`;
}
