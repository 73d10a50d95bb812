/** When an item came out, as catalogues say it: a year, a month or a day. Pure. */

/** ms since 1970 UTC: the first and the last moment that the text leaves open. */
export interface Release {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** '1975', '1975-03', '1975-03-28' or that and a time; undefined for anything else. */
export function parseRelease(value: string | number | null | undefined): Release | undefined {
  const match = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ].*)?)?)?$/.exec(String(value ?? '').trim());
  if (match === null) return undefined;
  const [, yearText, monthText, dayText] = match;
  const [year, month, day] = [Number(yearText), Number(monthText ?? 1), Number(dayText ?? 1)];
  const firstMs = moment(year, month - 1, day);
  const isReal = month >= 1 && month <= 12 && day >= 1 && new Date(firstMs).getUTCMonth() === month - 1;
  if (!isReal) return undefined;
  const nextMs =
    monthText === undefined
      ? moment(year + 1, 0, 1)
      : dayText === undefined
        ? moment(year, month, 1)
        : firstMs + 86_400_000;
  return { firstMs, lastMs: nextMs - 1 };
}

/** Date.UTC takes the years 0 … 99 for 1900 … 1999. */
function moment(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}

/** Whether it may have come out in the time `ms` before `asOfMs`; what comes out later has not. */
export function isRecent({ firstMs, lastMs }: Release, ms: number, asOfMs: number): boolean {
  return firstMs <= asOfMs && lastMs >= asOfMs - ms;
}

/** How long ago it came out, at the least: a year counts from its end. 0 for what is of now, or yet to come. */
export function ageAt({ lastMs }: Release, asOfMs: number): number {
  return Math.max(0, asOfMs - lastMs);
}
