/** How the browser's parts are styled: spread onto Ink's <Text>. */

/** What the browser is called on its first line and in the window's title. */
export const browserTitle = '♪ segue';

export interface TextStyle {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
}

export interface Theme {
  /** The item or the search that the screen is about. */
  readonly title: TextStyle;
  /** What the eye should find: the prompt, the marker, the chosen row's bar. */
  readonly accent: TextStyle;
  readonly chosen: TextStyle;
  readonly plain: TextStyle;
  /** The part of a name that was searched for. */
  readonly match: TextStyle;
  /** What is there to be looked up: metadata, positions, hints. */
  readonly quiet: TextStyle;
  readonly bar: TextStyle;
  readonly failure: TextStyle;
  /** Colour of borders; undefined for the terminal's own. */
  readonly border: string | undefined;
}

/** The terminal's own sixteen colours, so that the browser looks at home on a light and on a dark ground. */
const coloured: Theme = {
  title: { bold: true },
  accent: { color: 'magenta', bold: true },
  chosen: { bold: true },
  plain: {},
  match: { color: 'magenta' },
  quiet: { dimColor: true },
  bar: { color: 'cyan' },
  failure: { color: 'red' },
  border: 'magenta',
};

/** No escape sequence at all: the marker and the cursor say everything. */
const uncoloured: Theme = {
  title: {},
  accent: {},
  chosen: {},
  plain: {},
  match: {},
  quiet: {},
  bar: {},
  failure: {},
  border: undefined,
};

export function themeFor(hasColour: boolean): Theme {
  return hasColour ? coloured : uncoloured;
}
