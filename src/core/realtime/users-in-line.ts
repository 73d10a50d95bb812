/** Whom a line may be of that is no event. Pure. */
import { entryRoles, plainName } from '../events/column-roles.js';
import { isObject, leavesOf, parseExactly, textOf } from '../events/event-keys.js';

const otherNames = new Set(
  entryRoles.flatMap(({ role, synonyms }) => (role === 'user' ? [] : synonyms.flat())),
);

/**
 * Whom a JSON object may name as its user: by `user`, and by any key, or key within, that is not of another role, since `columns` may have said so.
 * Of anything else, whatever in it can be an id: texts in quotation marks, cells between separators, and words.
 */
export function usersIn(line: string): ReadonlySet<string> {
  const users = usersOf(line);
  if (users !== undefined) return users;
  const found = new Set<string>();
  for (const [text] of line.matchAll(/"(?:[^"\\]|\\.)*"/g)) {
    const said = parsed(text);
    if (typeof said === 'string') found.add(said);
  }
  for (const separator of [/[,;|\t]/, /[\s",;|{}[\]\\]+/, /[\s",;|{}[\]\\:=]+/])
    for (const part of line.split(separator)) found.add(part.trim());
  found.delete('');
  return found;
}

function usersOf(line: string): ReadonlySet<string> | undefined {
  const fields = parsed(line);
  if (!isObject(fields) || textOf(fields['user']) === null) return undefined;
  const values = leavesOf(fields, true).flatMap(([name, value]) =>
    otherNames.has(plainName(name)) ? [] : [value],
  );
  return new Set(values.map(textOf).filter((text) => text !== null));
}

function parsed(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}
