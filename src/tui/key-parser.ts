/**
 * What a terminal sends, as keys.
 *
 * Ink's own `useInput` is not used for this: it hands several keys typed quickly on as one text ("abba\r"), cannot tell
 * Backspace from Delete, and throws on keys it does not know with Ctrl held (Ctrl-F1).
 */

export type KeyName =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'page-up'
  | 'page-down'
  | 'enter'
  | 'tab'
  | 'back-tab'
  | 'escape'
  | 'backspace'
  | 'delete'
  | 'interrupt'
  | 'clear-text'
  | 'erase-word'
  | 'text-start'
  | 'text-end';

export type Key =
  | { readonly kind: 'named'; readonly name: KeyName }
  /** One character typed, or what was pasted; without control characters. */
  | { readonly kind: 'text'; readonly text: string };

/** What follows ESC [ or ESC O, up to and with its last byte. Modifiers (`1;5A`) are dropped before the look-up. */
const sequences: ReadonlyMap<string, KeyName> = new Map([
  ['A', 'up'],
  ['B', 'down'],
  ['C', 'right'],
  ['D', 'left'],
  ['H', 'home'],
  ['F', 'end'],
  ['1~', 'home'],
  ['7~', 'home'],
  ['4~', 'end'],
  ['8~', 'end'],
  ['3~', 'delete'],
  ['5~', 'page-up'],
  ['6~', 'page-down'],
  ['Z', 'back-tab'],
  ['M', 'enter'],
]);

const controls: ReadonlyMap<string, KeyName> = new Map([
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\t', 'tab'],
  ['\b', 'backspace'],
  ['\x7f', 'backspace'],
  ['\x01', 'text-start'],
  ['\x03', 'interrupt'],
  ['\x05', 'text-end'],
  ['\x0e', 'down'],
  ['\x10', 'up'],
  ['\x15', 'clear-text'],
  ['\x17', 'erase-word'],
]);

const pasteStart = '\x1b[200~';
const pasteEnd = '\x1b[201~';
/** A whole CSI or SS3 sequence. */
// eslint-disable-next-line no-control-regex -- ESC is what begins one
const wholeSequence = /^\x1b(?:\[\[?([0-?]*[ -/]*[@-~])|O([0-9;]*[@-~]))/;
/** One that the next chunk will finish. A lone ESC is the key itself, never the start of one. */
// eslint-disable-next-line no-control-regex -- ESC is what begins one
const unfinishedSequence = /^\x1b(?:\[\[?[0-?]*[ -/]*|O[0-9;]*)$/;
/** Longer than any key's sequence: nothing that long is waited for. */
const longestSequence = 32;

export interface ParsedKeys {
  readonly keys: readonly Key[];
  /** The start of a sequence or of a paste, to be put in front of the next chunk. */
  readonly rest: string;
}

/** The keys in `chunk`, which is the rest of the chunk before it and what has come since. Never throws. */
export function parseKeys(chunk: string): ParsedKeys {
  const keys: Key[] = [];
  let position = 0;
  while (position < chunk.length) {
    const ahead = chunk.slice(position);
    if (ahead.startsWith(pasteStart)) {
      const end = ahead.indexOf(pasteEnd);
      if (end < 0) return { keys, rest: ahead };
      const text = withoutControls(ahead.slice(pasteStart.length, end));
      if (text !== '') keys.push({ kind: 'text', text });
      position += end + pasteEnd.length;
      continue;
    }
    if (ahead.startsWith('\x1b')) {
      if (ahead.length > 1 && ahead.length < longestSequence && unfinishedSequence.test(ahead)) {
        return { keys, rest: ahead };
      }
      const sequence = wholeSequence.exec(ahead);
      const name = sequence === null ? 'escape' : nameOf(sequence[1] ?? sequence[2] ?? '');
      if (name !== undefined) keys.push({ kind: 'named', name });
      position += sequence === null ? 1 : sequence[0].length;
      continue;
    }
    const character = String.fromCodePoint(ahead.codePointAt(0) ?? 0);
    const name = controls.get(character);
    if (name !== undefined) keys.push({ kind: 'named', name });
    else if (withoutControls(character).trim() !== '' || character === ' ')
      keys.push({ kind: 'text', text: character });
    position += character.length;
  }
  return { keys, rest: '' };
}

/** The key of a sequence, with its modifiers dropped: `1;5A` is `A`, `3;2~` is `3~`. */
function nameOf(sequence: string): KeyName | undefined {
  const last = sequence.slice(-1);
  const first = sequence.slice(0, -1).split(';')[0] ?? '';
  return sequences.get(last === '~' ? `${first}~` : last);
}

/** Pasted lines become one; what a terminal would act on is left out. */
function withoutControls(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(/\p{Cc}/gu, '');
}
