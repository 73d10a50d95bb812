/**
 * What an output stream can show. Decoration (colour, bars, borders, redrawn lines) is for terminals only, so that
 * pipes and files get plain text.
 */

export interface Screen {
  /** Whether a person looks at it: decoration is allowed. */
  readonly decorated: boolean;
  /** Whether colour is too: not with NO_COLOR or TERM=dumb; off a terminal only with FORCE_COLOR. */
  readonly coloured: boolean;
  /** Columns; Infinity where nothing limits a line. */
  readonly width: number;
  /** Lines that are seen at once; not known off a terminal. */
  readonly height?: number;
}

/** The parts of process.stdout and process.stderr that are looked at. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

const fallbackWidth = 80;

export function screenOf(stream: OutputStream, env: Readonly<NodeJS.ProcessEnv> = process.env): Screen {
  const decorated = stream.isTTY === true;
  // https://no-color.org and https://force-color.org: any value that is not empty.
  const mayColour = (env['NO_COLOR'] ?? '') === '';
  const isForced = !['', '0', 'false'].includes(env['FORCE_COLOR'] ?? '');
  const coloured = mayColour && (isForced || (decorated && env['TERM'] !== 'dumb'));
  const columns = stream.columns !== undefined && stream.columns > 0 ? stream.columns : fallbackWidth;
  const height = decorated && stream.rows !== undefined && stream.rows > 0 ? { height: stream.rows } : {};
  return { decorated, coloured, width: decorated ? columns : Infinity, ...height };
}

/** Select Graphic Rendition: the code that starts a style, and the one that ends it. */
const styles = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof styles;

/** `text` in a style where the screen has colour, else as it is. `text` has been made safe by whoever calls. */
export function styled(screen: Screen, style: Style, text: string): string {
  if (!screen.coloured) return text;
  const [on, off] = styles[style];
  return `\x1b[${String(on)}m${text}\x1b[${String(off)}m`;
}
