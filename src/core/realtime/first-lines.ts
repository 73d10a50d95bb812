/** The first lines of a source, looked at before any is dealt with: a table is refused, and not buried line by line. */
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import type { EventKeys, JsonObject } from '../events/event-keys.js';
import { parseObject, shown } from './event-line.js';
import type { SourceEvent } from './source.js';

/** A header or a row, and what gzip and Parquet begin with; a JSON array, whose lines may be objects. */
const tableLike = /^(?:[^{]*[,;|\t]|PAR1)/;
const gzip = '\u001f';
const arrayLike = /^\[\s*(?:\{|$)/;

/** The objects among them. */
export function objectsOf(lines: readonly SourceEvent[]): JsonObject[] {
  const all = lines.map(({ text, isPlain }) => (isPlain === true ? undefined : parseObject(text)));
  return all.filter((fields) => fields !== undefined);
}

/**
 * AppError 'bad-input-file' where none of the lines is an object, and the first may be of a table. A note names keys that are not
 * read, and a warning what `columns` names and no line has.
 */
export function lookAtFirst(
  lines: readonly SourceEvent[],
  { name, keys }: { readonly name: string; readonly keys: EventKeys },
  { onProgress }: Pick<TaskContext, 'onProgress'>,
): void {
  if (lines[0]?.isPlain === true) return;
  const first = lines[0]?.text ?? '';
  const isTable =
    (tableLike.test(first) || first.startsWith(gzip)) && lines.every(({ text }) => !text.startsWith('{'));
  if (isTable || arrayLike.test(first)) {
    throw new AppError(
      'bad-input-file',
      `${name} begins with ${shown(first)}; JSON Lines is wanted, an object a line`,
      {
        suggestions: ['read a file in another format as it is now: `once`, or `addEvents` FILE'],
        details: { file: name },
      },
    );
  }
  const read = objectsOf(lines)
    .map(keys)
    .filter((keyed) => typeof keyed === 'object');
  const unread = [...new Set(read.flatMap((each) => each.unread))].slice(0, 10).map(shown).join(', ');
  if (unread !== '') onProgress({ kind: 'note', message: `${name} has keys that are not read: ${unread}` });
  const never = (read[0]?.lacking ?? []).filter((key) => read.every(({ lacking }) => lacking.includes(key)));
  if (never.length === 0) return;
  onProgress({
    kind: 'warning',
    message: `\`columns\` or \`filter\` names ${never.map(shown).join(', ')}, which no line has that ${name} begins with`,
  });
}
