import { EventEmitter } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { AlternateScreen } from '#dist/tui/alternate-screen.js';

class FakeTerminal extends EventEmitter {
  readonly columns = 80;
  readonly rows = 24;
  written = '';
  write(text: string): boolean {
    this.written += text;
    return true;
  }
  /** What was written since it was last asked. */
  take(): string {
    const text = this.written;
    this.written = '';
    return text;
  }
}

class FakeKeyboard {
  raw = false;
  setRawMode(raw: boolean): void {
    this.raw = raw;
  }
}

function open(): { terminal: FakeTerminal; keyboard: FakeKeyboard; screen: AlternateScreen } {
  const terminal = new FakeTerminal();
  const keyboard = new FakeKeyboard();
  const screen = new AlternateScreen(terminal as unknown as WriteStream, keyboard as unknown as ReadStream);
  return { terminal, keyboard, screen };
}

describe('the alternate screen', () => {
  it('is entered, and left with everything as it was', () => {
    const { terminal, keyboard, screen } = open();
    const listeners = (): number =>
      process.listenerCount('exit') + process.listenerCount('uncaughtExceptionMonitor');
    const before = listeners();
    screen.enter();
    expect(terminal.take().startsWith('\x1b[?1049h')).toBe(true);
    expect(keyboard.raw).toBe(true);
    screen.leave();
    expect(keyboard.raw).toBe(false);
    const left = terminal.take();
    // Paste unbracketed, wrapping on, the cursor shown, and the screen last, or the cursor would be the wrong screen's.
    for (const mode of ['\x1b[?2004l', '\x1b[?7h', '\x1b[?25h']) expect(left).toContain(mode);
    expect(left.endsWith('\x1b[?1049l')).toBe(true);
    screen.leave();
    expect(terminal.take()).toBe('');
    expect(listeners()).toBe(before);
    expect(terminal.listenerCount('resize')).toBe(0);
  });

  it('paints each frame over the one before, and clears only what is left of it', () => {
    const { terminal, screen } = open();
    screen.enter();
    terminal.take();
    screen.write('one\ntwo');
    const painted = terminal.take();
    expect(painted).toContain('\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J');
    // Neither the screen nor what was scrolled off it is cleared.
    for (const clear of ['\x1b[2J', '\x1b[3J']) expect(painted).not.toContain(clear);
    screen.leave();
  });

  it('shows the cursor with every frame, where it was placed', () => {
    const { terminal, screen } = open();
    screen.enter();
    screen.placeCursor({ x: 4, y: 2 });
    terminal.take();
    screen.write('frame');
    expect(terminal.take()).toContain('\x1b[J\x1b[3;5H\x1b[?25h');
    screen.placeCursor(undefined);
    screen.write('frame');
    const hidden = terminal.take();
    expect(hidden).toContain('\x1b[?25l');
    expect(hidden).not.toContain('\x1b[?25h');
    screen.leave();
  });

  it('draws nothing before and after', () => {
    const { terminal, screen } = open();
    screen.write('early');
    screen.placeCursor({ x: 1, y: 1 });
    expect(terminal.take()).toBe('');
    screen.enter();
    screen.leave();
    terminal.take();
    screen.write('late');
    expect(terminal.take()).toBe('');
  });

  it('tells of the terminal’s size and its changes', () => {
    const { terminal, screen } = open();
    let resized = 0;
    screen.on('resize', () => resized++);
    screen.enter();
    terminal.emit('resize');
    expect([screen.columns, screen.rows, resized]).toEqual([80, 24, 1]);
    screen.leave();
  });
});
