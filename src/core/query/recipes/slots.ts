/** What each slot of an answer is for: the best by score, a promoted item, or one that is drawn. Pure. */

export type SlotKind = 'score' | 'promoted' | 'explored';

/** Parts of a whole: shares are counted in hundredths of a percent, so that none is rounded. */
export const wholeShare = 10_000;

/** `20%` or `0.2` in ten-thousandths, above 0 and at most all; undefined for anything else. */
export function shareParts(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)( ?%)?$/.exec(text);
  if (match === null) return undefined;
  const scaled = Number(match[1]) * (match[2] === undefined ? wholeShare : wholeShare / 100);
  const parts = Math.round(scaled);
  return parts >= 1 && parts <= wholeShare && Math.abs(scaled - parts) < 1e-6 ? parts : undefined;
}

/** Of the first `slots` those that a share has: slots · share, rounded to the nearest, halves up. */
export function slotsOfShare(slots: number, parts: number): number {
  return Math.floor((2 * slots * parts + wholeShare) / (2 * wholeShare));
}

/**
 * The kinds of slots 1, 2 …: which kind a slot is does not depend on how many there are, so that a longer answer begins with the
 * shorter one. Slot n is for a promoted item where the first n have one more of them than the first n − 1 (`slotsOfShare`).
 * Explored ones likewise; one that falls on a promoted slot is the next that is none.
 * @param promote ten-thousandths of all @param explore likewise; together at most all
 */
export function* slotKinds(promote: number, explore: number): Generator<SlotKind, never> {
  let explored = 0;
  for (let slot = 1; ; slot++) {
    if (slotsOfShare(slot, promote) > slotsOfShare(slot - 1, promote)) yield 'promoted';
    else if (slotsOfShare(slot, explore) > explored) {
      explored++;
      yield 'explored';
    } else yield 'score';
  }
}
