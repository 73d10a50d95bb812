/** Seconds since `startMs`, of `performance.now`. */
export function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}
