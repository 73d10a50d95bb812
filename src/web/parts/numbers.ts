/** Numbers and times as the page shows them. */
const whole = new Intl.NumberFormat('en');

export function count(value: number): string {
  return whole.format(value);
}

/** A score with three digits that say something: 0.858, 0.00586, 1.79. */
export function score(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return value.toExponential(1);
  return value.toFixed(size >= 0.1 || size === 0 ? 3 : 4);
}

export function percent(share: number): string {
  const value = share * 100;
  return `${value.toFixed(value !== 0 && Math.abs(value) < 10 ? 1 : 0)} %`;
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `1st`, `22nd`, `113th`. */
export function ordinal(value: number): string {
  const rule = ordinals.select(value);
  const ending = rule === 'one' ? 'st' : rule === 'two' ? 'nd' : rule === 'few' ? 'rd' : 'th';
  return `${count(value)}${ending}`;
}

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });

/** `2014-06-16 23:59` UTC of an ISO time. */
export function minute(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

/** Of a time in the past: `3 min ago`. */
export function ago(at: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  for (const [unit, size] of units) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  return 'just now';
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;
