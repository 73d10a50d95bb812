/** Whom a line may be of that is no event. Pure. */

/**
 * The user that a JSON object names; of anything else, whatever in it can be an id: texts in quotation marks, cells between
 * separators, and words.
 */
export function usersIn(line: string): ReadonlySet<string> {
  const user = userOf(line);
  if (user !== undefined) return new Set([user]);
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

function userOf(line: string): string | undefined {
  const fields = parsed(line);
  if (typeof fields !== 'object' || fields === null || !('user' in fields)) return undefined;
  const { user } = fields;
  if (typeof user === 'string') return user;
  // A longer number was rounded, and is another one in the text.
  return Number.isSafeInteger(user) ? String(user) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
