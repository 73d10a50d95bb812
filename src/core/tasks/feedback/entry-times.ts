/** A local time that is read as UTC is ahead by less. */
const toleratedMs = 86_400_000;

/** Throws `failure()` for a time that is more than a day ahead of now. */
export function requirePast(atMs: number, now: Date, failure: () => Error): void {
  if (atMs - now.getTime() > toleratedMs) throw failure();
}
