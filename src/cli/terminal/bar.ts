/** Marks that show a number at a glance, for terminals only. */

/** Eighths of a column, from none to seven. */
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `width` columns filled to `fraction` (0..1, else cut to that), without the spaces that are left. */
export function bar(fraction: number, width: number): string {
  const units = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  return '█'.repeat(Math.floor(units / 8)) + (eighths[units % 8] ?? '');
}

const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One column a value, from the lowest of them to the highest. */
export function sparkline(values: readonly number[]): string {
  const lowest = Math.min(...values);
  const range = Math.max(...values) - lowest;
  return values
    .map((value) => levels[range > 0 ? Math.round(((value - lowest) / range) * (levels.length - 1)) : 0])
    .join('');
}
