/** The command line that repeats a training. */
import type { ReadingOptions } from '../evaluation-split.js';
import type { ModelName, ModelOptions } from '../../models/model.js';

/** Its words, without a shell's quotes: `segue train EVENTS… --model als …`, every effective option said. */
export function trainCommand(
  reading: ReadingOptions & { readonly format: string },
  model: ModelName,
  options: ModelOptions,
  seed: number,
): string[] {
  const { events, columns, delimiter, quote, encoding, format } = reading;
  const { minWeight, minUserItems, minItemUsers } = reading;
  const said: readonly (readonly [flag: string, value: string | number | undefined])[] = [
    ['columns', columns],
    ['delimiter', delimiter],
    ['quote', quote],
    ['encoding', encoding],
    ['format', format === 'auto' ? undefined : format],
    ['min-weight', minWeight],
    ['min-user-items', minUserItems === 1 ? undefined : minUserItems],
    ['min-item-users', minItemUsers === 1 ? undefined : minItemUsers],
    ['model', model],
    ...Object.entries(options).filter(([, value]) => value !== 'auto'),
    ['seed', seed],
  ];
  const hasMinimum = minUserItems > 1 || minItemUsers > 1;
  const toggles = [
    ...(reading.noHeader === true ? ['--no-header'] : []),
    ...(reading.decimalComma === true ? ['--decimal-comma'] : []),
    ...(reading.skipBadRows ? ['--skip-bad-rows'] : []),
    ...(reading.minimumsOnce && hasMinimum ? ['--min-once'] : []),
  ];
  // A value that begins with a dash would be read as a flag.
  const flags = said.flatMap(([flag, value]) => {
    if (value === undefined) return [];
    const text = String(value);
    return text.startsWith('-') ? [`--${flag}=${text}`] : [`--${flag}`, text];
  });
  return ['segue', 'train', ...events, ...toggles, ...flags];
}
