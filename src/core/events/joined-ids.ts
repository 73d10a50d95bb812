/**
 * Ids that are made of several columns: their texts, joined by ` - `. So that no two different rows of texts make one id, a
 * lone hyphen (between spaces, or at an end) in all texts but the last is written `\-`, and a backslash `\\`: the first ` - `
 * of an id ends its first text then. The last text stays as it is, for titles have such hyphens and artists hardly ever.
 */
import { quotedText } from '../expressions/sql.js';

const separator = ' - ';

/** A column that an id is made of. */
export interface IdPart {
  readonly column: number;
  /** What it is called: as was said, else by the header, or by its number. */
  readonly name: string;
}

/** A joined id whose first part is called artist, by which items get artists. */
export function joinedChoice(artistColumn: string, column: string): string {
  return `${artistColumn === 'artist' ? '' : 'artist:'}${quoted(artistColumn)}+${quoted(column)}`;
}

/** A name as `columns` takes it. */
export function quoted(name: string): string {
  return /[",+:=]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** The id of texts, none of which is empty. */
export function joinedId(texts: readonly string[]): string {
  return texts.map((text, at) => (at === texts.length - 1 ? text : escaped(text))).join(separator);
}

/** The texts that an id was made of; undefined where it is not one of `count`. */
export function textsOfId(id: string, count: number): string[] | undefined {
  const texts: string[] = [];
  let rest = id;
  while (texts.length < count - 1) {
    const end = rest.indexOf(separator);
    if (end < 0) return undefined;
    texts.push(rest.slice(0, end).replaceAll(/\\([\\-])/g, '$1'));
    rest = rest.slice(end + separator.length);
  }
  return [...texts, rest];
}

/** `joinedId` over expressions of VARCHAR; NULL where one of them is NULL or empty. */
export function joinedIdSql(texts: readonly string[]): string {
  const joined = texts.map((text, at) => (at === texts.length - 1 ? text : escapedSql(text)));
  const filled = texts.map((text) => `${text} <> ''`).join(' AND ');
  return `(CASE WHEN ${filled} THEN ${joined.join(` || ${quotedText(separator)} || `)} END)`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(/(?<![^ ])-(?![^ ])/g, '\\-');
}

/** Hyphens that share a space need the second replacement. Most texts have nothing to escape, which is quicker to see. */
function escapedSql(text: string): string {
  const padded = `' ' || replace(${text}, '\\', '\\\\') || ' '`;
  const all = `right(left(replace(replace(${padded}, ' - ', ' \\- '), ' - ', ' \\- '), -1), -1)`;
  return `CASE WHEN contains(${text}, '-') OR contains(${text}, '\\') THEN ${all} ELSE ${text} END`;
}
