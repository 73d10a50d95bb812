/** A command line that is being typed, as bash and fish read it: its words, and how the last one is written so far. */
export interface TypedLine {
  /** Complete words, as a command would get them. */
  readonly words: readonly string[];
  /** The word at the cursor, likewise; '' where a new one begins. */
  readonly word: string;
  /** The quote that is still open in it, `'` or `"`. */
  readonly quote: '' | "'" | '"';
  /** What of the word bash keeps and completes behind: up to its last unquoted `:` or `=`. */
  readonly kept: string;
}

export function readTypedLine(line: string): TypedLine {
  const words: string[] = [];
  let word = '';
  let kept = '';
  let isWord = false;
  let quote: TypedLine['quote'] = '';
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] ?? '';
    const next = line[at + 1];
    if (quote === '' && /\s/.test(letter)) {
      if (isWord) words.push(word);
      [word, kept, isWord] = ['', '', false];
      continue;
    }
    isWord = true;
    if (quote === letter) quote = '';
    else if (quote === '' && (letter === '"' || letter === "'")) quote = letter;
    else if (letter === '\\' && quote !== "'" && next !== undefined && isEscaped(next, quote)) {
      word += next;
      at += 1;
    } else {
      word += letter;
      if (quote === '' && (letter === ':' || letter === '=')) kept = word;
    }
  }
  return { words, word, quote, kept };
}

function isEscaped(letter: string, quote: string): boolean {
  return quote === '' || '"\\$`'.includes(letter);
}

/** A value as bash takes it in place of what was typed: inside an open quote, else with backslashes. */
export function bashWord(
  value: string,
  { quote, kept }: Pick<TypedLine, 'quote' | 'kept'>,
): string | undefined {
  if (quote === "'") return value.includes("'") ? undefined : value;
  if (quote === '"') return value.replaceAll(/["\\$`]/g, '\\$&');
  if (!value.startsWith(kept)) return undefined;
  return value.slice(kept.length).replaceAll(/[^\w@%+=:,./\-\u0080-\uffff]/g, '\\$&');
}
