import { execFileSync, spawnSync } from 'node:child_process';
import { cleanEnv } from './run-segue.js';

let sessions = 0;

/** A shell in a terminal of a given size, driven as a person would: keys in, what the screen shows out. */
export class Terminal {
  readonly #socket: string;

  constructor(columns: number, rows: number, env: Readonly<Record<string, string>> = {}) {
    // A server of its own: no user's sessions and no user's settings.
    sessions += 1;
    this.#socket = `segue-test-${process.pid}-${sessions}`;
    const shell = ['env', 'PS1=ready> ', 'bash', '--norc', '--noprofile'];
    const size = ['-x', String(columns), '-y', String(rows)];
    execFileSync(
      'tmux',
      ['-u', '-L', this.#socket, '-f', '/dev/null', 'new-session', '-d', ...size, ...shell],
      { env: cleanEnv({ ...env, TMUX: undefined, LC_ALL: 'C.UTF-8' }) },
    );
  }

  /** Presses keys by their tmux names: `Enter`, `Down`, `BSpace`, `C-c`, or a letter. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  type(text: string): void {
    this.#tmux('send-keys', '-l', text);
  }

  /** Types a command line and Enter. */
  run(commandLine: string): void {
    this.type(commandLine);
    this.press('Enter');
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What is on screen, line by line, without spaces at their ends. */
  screen(): string {
    return this.#tmux('capture-pane', '-p');
  }

  /** What was scrolled off the screen, too. */
  scrollback(): string {
    return this.#tmux('capture-pane', '-p', '-S', '-');
  }

  /** The same, with lines that went on in the next one as one line. */
  unwrappedScrollback(): string {
    return this.#tmux('capture-pane', '-p', '-J', '-S', '-');
  }

  /** Modes that a program may have left behind. */
  modes(): { alternateScreen: boolean; cursorShown: boolean; wrapping: boolean } {
    const format = '#{alternate_on} #{cursor_flag} #{wrap_flag}';
    const [alternate, cursor, wrap] = this.#tmux('display-message', '-p', format).trim().split(' ');
    return { alternateScreen: alternate === '1', cursorShown: cursor === '1', wrapping: wrap === '1' };
  }

  /** The screen, once it shows `wanted`; rejects with what it shows instead after a quarter of an hour. */
  async until(wanted: string | RegExp): Promise<string> {
    const deadline = Date.now() + 900_000;
    for (;;) {
      const screen = this.screen();
      if (typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen)) return screen;
      if (Date.now() > deadline) throw new Error(`never saw ${String(wanted)}, but:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  close(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-u', '-L', this.#socket, ...args], { encoding: 'utf8' });
  }
}
