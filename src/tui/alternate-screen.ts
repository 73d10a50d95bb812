/**
 * The terminal while the browser has it: its alternate screen, on which Ink's frames are painted, and its keys as they
 * are pressed, unechoed.
 *
 * Ink's own way of updating clears the terminal, scrollback included, whenever a frame is as high as the window, and
 * draws nothing where CI is set. So Ink is asked for whole frames (its `debug` option) and they are painted here, from
 * the top left corner, over what was there: without flicker, and what something else wrote is painted over.
 */
import { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';

export interface CursorPosition {
  /** Column and row on screen, from 0. */
  readonly x: number;
  readonly y: number;
}

const escapes = {
  // Bracketed paste on, wrapping off: a line that a terminal takes to be wider than we do is cut, not broken.
  enter: '\x1b[?1049h\x1b[?2004h\x1b[?7l\x1b[?25l\x1b[2J\x1b[H',
  leave: '\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l',
  beginFrame: '\x1b[?2026h\x1b[?25l\x1b[H',
  endFrame: '\x1b[?2026l',
  eraseToEndOfLine: '\x1b[K',
  eraseBelow: '\x1b[J',
};

/** A stream for Ink to write whole frames to. Nothing is drawn before `enter` and after `leave`. */
export class AlternateScreen extends Writable {
  readonly #terminal: WriteStream;
  readonly #keyboard: ReadStream;
  readonly #leave = (): void => {
    this.leave();
  };
  readonly #resized = (): void => {
    this.emit('resize');
  };
  #entered = false;
  #cursor: CursorPosition | undefined;

  constructor(terminal: WriteStream, keyboard: ReadStream) {
    super({ decodeStrings: false });
    this.#terminal = terminal;
    this.#keyboard = keyboard;
  }

  get columns(): number {
    return this.#terminal.columns;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  /** However the process ends from here on, the terminal is given back first; `kill -9` excepted. */
  enter(): void {
    this.#entered = true;
    process.on('exit', this.#leave);
    // Before the handlers that print the error, so that it is printed where it can still be read.
    process.prependListener('uncaughtExceptionMonitor', this.#leave);
    this.#terminal.on('resize', this.#resized);
    // Keys first: what is pressed as soon as the screen shows is for the browser, Ctrl-C too.
    this.#keyboard.setRawMode(true);
    this.#terminal.write(escapes.enter);
  }

  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    process.off('exit', this.#leave);
    process.off('uncaughtExceptionMonitor', this.#leave);
    this.#terminal.off('resize', this.#resized);
    this.#terminal.write(escapes.leave);
    this.#keyboard.setRawMode(false);
  }

  /** Shows the terminal's cursor there from the next frame on; undefined hides it. */
  placeCursor(position: CursorPosition | undefined): void {
    this.#cursor = position;
  }

  override _write(frame: string, _encoding: BufferEncoding, written: () => void): void {
    // Ink writes '' to wait for what it wrote before.
    if (this.#entered && frame !== '') {
      const lines = frame.split('\n');
      const painted = lines.map((line) => line + escapes.eraseToEndOfLine).join('\r\n');
      this.#terminal.write(
        escapes.beginFrame + painted + escapes.eraseBelow + this.#cursorEscape() + escapes.endFrame,
      );
    }
    written();
  }

  #cursorEscape(): string {
    if (this.#cursor === undefined) return '';
    return `\x1b[${this.#cursor.y + 1};${this.#cursor.x + 1}H\x1b[?25h`;
  }
}
