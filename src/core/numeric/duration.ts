const unitMs: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

/** '90s', '30m', '12h', '1d' or '2w' in ms, more than 0 unless `orNone`; undefined for anything else. */
export function parseDuration(text: string, orNone = false): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text);
  if (match === null) return undefined;
  const ms = Number(match[1]) * (unitMs.get(match[2]) ?? 0);
  return ms > 0 || orNone ? ms : undefined;
}
