/**
 * JSON in one form only, so that equal values have equal bytes: keys sorted by UTF-16 code units, numbers as
 * JSON.stringify prints them, no white space (or, for files that people read, two spaces of indent).
 */

export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** Throws a RangeError for what JSON cannot hold (NaN, infinities). Keys with an undefined value are left out. */
export function canonicalJson(value: JsonValue): string {
  return print(value, '', '');
}

/** The same value for people: an entry a line, ending with a line feed. */
export function canonicalJsonLines(value: JsonValue): string {
  return `${print(value, '  ', '\n')}\n`;
}

function print(value: JsonValue, indent: string, lineBreak: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`JSON cannot hold ${value}`);
    return JSON.stringify(value);
  }
  const inner = lineBreak + (lineBreak === '' ? '' : indent);
  const entries: string[] = [];
  if (isArray(value)) {
    for (const element of value) entries.push(inner + print(element, indent, inner));
    return entries.length === 0 ? '[]' : `[${entries.join(',')}${lineBreak}]`;
  }
  const colon = lineBreak === '' ? ':' : ': ';
  // The default order of sort() is that of UTF-16 code units.
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined)
      entries.push(inner + JSON.stringify(key) + colon + print(member, indent, inner));
  }
  return entries.length === 0 ? '{}' : `{${entries.join(',')}${lineBreak}}`;
}

/** Array.isArray does not narrow readonly arrays. */
function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
