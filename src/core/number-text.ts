/** Numbers for people: the same on every machine, whatever its locale. */

/** 1234567 → 1,234,567 */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** 1 user, 2 users */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** a, b and c */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** Whole numbers whole; else four significant digits, without an exponent where that reads well. */
export function decimals(value: number): string {
  if (Number.isSafeInteger(value)) return count(value);
  const size = Math.abs(value);
  if (size >= 0.001 && size < 1e6) return String(Number(value.toPrecision(4)));
  return value.toExponential(3);
}

/** So many digits after the point; what rounds to nothing has no sign. */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** A score or similarity, to three significant digits: 0.858, 0.0110, 1.20e-5; thousands whole. */
export function score(value: number): string {
  const size = Math.abs(value);
  if (size >= 999.5) return count(value);
  return size !== 0 && size < 0.001 ? value.toExponential(2) : value.toPrecision(3);
}

/** 1st, 22nd, 113th */
export function ordinal(value: number): string {
  const isTeen = Math.floor((value % 100) / 10) === 1;
  return `${count(value)}${isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')}`;
}

/** 0.934 → 93.4 % */
export function percent(fraction: number): string {
  return `${String(Number((fraction * 100).toFixed(1)))} %`;
}

const sizes = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** 1234567 → 1.2 MB (powers of 1,000) */
export function byteSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < sizes.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? String(Math.round(value)) : value.toFixed(1)} ${sizes[unit] ?? ''}`;
}

/** 0.42 s, 12 s, 3 min 20 s, 2 h 5 min */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** How long ago, in one unit: 40 s, 5 min, 3 h, 12 d (however many); `in 3 h` for what a clock puts into the future. */
export function age(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const text =
    seconds < 60
      ? `${seconds} s`
      : seconds < 3600
        ? `${Math.floor(seconds / 60)} min`
        : seconds < 172_800
          ? `${Math.floor(seconds / 3600)} h`
          : `${Math.floor(seconds / 86_400)} d`;
  return ms <= -1000 ? `in ${text}` : text;
}

/** How long ago an ISO time was: 3 min ago. */
export function ago(at: string, now: number): string {
  const ms = Math.max(0, now - Date.parse(at));
  return ms < 60_000 ? 'just now' : `${age(ms)} ago`;
}

/** 2014-06-16 23:59, UTC of an ISO time. */
export function minute(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

/** A model, and the dimensions of its vectors where it has any. */
export function modelInWords({ model, dim }: { readonly model: string; readonly dim: number }): string {
  return dim > 0 ? `${model}, ${counted(dim, 'dimension')}` : model;
}
