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
  /** Whether it is the file of a redirection (`> FILE`), and no word of the command. */
  readonly isFile: boolean;
}

export function readTypedLine(line: string): TypedLine {
  const words: string[] = [];
  let word = '';
  let kept = '';
  let isWord = false;
  let isFile = false;
  let quote: TypedLine['quote'] = '';
  const end = (): void => {
    if (isWord && !isFile) words.push(word);
    if (isWord) isFile = false;
    [word, kept, isWord] = ['', '', false];
  };
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] ?? '';
    const next = line[at + 1];
    if (quote === '' && /\s/.test(letter)) {
      end();
      continue;
    }
    if (quote === '' && /[<>]/.test(letter)) {
      // In `2>` and `&>` what stands before it says which output.
      if (/^(?:\d+|&)$/.test(word)) isWord = false;
      end();
      isFile = true;
      while (/[<>&|]/.test(line[at + 1] ?? '')) at += 1;
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
  return { words, word, quote, kept, isFile };
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
  // Between double quotes nothing keeps bash from putting its history in place of !.
  if (quote === '"') return value.includes('!') ? undefined : value.replaceAll(/["\\$`]/g, '\\$&');
  if (!value.startsWith(kept)) return undefined;
  return value.slice(kept.length).replaceAll(/[^\w@%+=:,./\-\u0080-\uffff]/g, '\\$&');
}
