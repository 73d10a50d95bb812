/** A local time that is read as UTC is ahead by less. */
const toleratedMs = 86_400_000;

/** Whether a time is in the future: more than a day ahead of now. */
export function isAhead(atMs: number, now: Date): boolean {
  return atMs - now.getTime() > toleratedMs;
}
