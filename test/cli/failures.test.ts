import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runHere, runHereJson, type HereOptions } from '../helpers/run-here.js';
import { cleanEnv, runSegue } from '../helpers/run-segue.js';
import type { RunOptions } from '../helpers/run-segue.js';

const bin = fileURLToPath(new URL('failing-package/run.js', import.meta.url));
const program = { root: new URL('failing-package/', import.meta.url) };
const fail = (args: readonly string[], options: RunOptions = {}) => runSegue(args, { bin, ...options });
const failHere = (args: readonly string[], options: HereOptions = {}) =>
  runHere(args, { program, ...options });
const failHereJson = (args: readonly string[]) => runHereJson(args, { program });

describe('a failure that the reader can act on', () => {
  it.each([
    ['does-not-hold', 1],
    ['disk-full', 7],
  ])('%s ends with %i', async (code, exitCode) => {
    const { json, ...rest } = await failHereJson(['fail', code]);
    expect(rest).toMatchObject({ code: exitCode, signal: null, stderr: '' });
    expect(json).toEqual({
      error: {
        code,
        message: 'what\u001b[31m went\nwrong',
        suggestions: ['do this', 'or that'],
        details: { file: 'plays.csv', line: 7 },
      },
    });
  });

  it('is said on stderr without --json', async () => {
    expect(await failHere(['fail', 'bad-row'])).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: 'Error: what\\x1b[31m went\\nwrong\n  → do this\n  → or that\n',
    });
  });

  it('shows its stack and its cause where SEGUE_DEBUG asks for them', async () => {
    const { stderr } = await failHere(['fail', 'bad-row'], { env: { SEGUE_DEBUG: '1' } });
    expect(stderr).toContain('    at ');
    expect(stderr).toContain('caused by: Error: the cause');
  });
});

describe('a bug', () => {
  it.each([
    ['throw', 'x is not a function'],
    ['import', 'no-such-file.js'],
    ['uncaught', 'thrown by nobody’s stack'],
    ['rejection', 'nobody waits for this'],
    ['nothing', 'undefined'],
  ])('(%s) ends with 70 and says where to report it', async (way, message) => {
    // What nobody catches is a process's own, as is what main.ts does with it.
    const text = await (way === 'uncaught' || way === 'rejection' ? fail : failHere)(['fail', way]);
    expect(text.code).toBe(70);
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain('this is a bug in segue: ');
    expect(text.stderr).toContain(message);
    expect(text.stderr).toContain('https://example.org/bugs');
  });

  it('is a document of --json too', async () => {
    const error = { code: 'bug', message: expect.stringContaining('x is not a function') as string };
    expect(await failHereJson(['fail', 'throw'])).toMatchObject({ code: 70, stderr: '', json: { error } });
  });

  it('is not what a task with a listener of its own makes of a stray rejection', async () => {
    expect(await fail(['fail', 'judged'])).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' });
  });
});

/** Runs `wait`, and sends the signal once it runs; `again`: until it has ended, since two that come together count as one. */
async function interrupt(signal: NodeJS.Signals, args: readonly string[], again = false) {
  return await fail(args, {
    onSpawn(child) {
      let seen = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        const isNew = !seen.includes('running');
        seen += chunk.toString();
        if (!isNew || !seen.includes('running')) return;
        child.kill(signal);
        if (!again) return;
        const sending = setInterval(() => child.kill(signal), 50);
        child.once('exit', () => clearInterval(sending));
      });
    },
  });
}

describe('Ctrl-C', () => {
  it('lets the task clean up, then ends with 130, and is a failure of --json', async () => {
    const { code, stdout, stderr } = await interrupt('SIGINT', ['wait', '--root', '100', '--json']);
    expect(stderr).toBe('Warning: running\nWarning: cleaned up\n');
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'interrupted', message: 'interrupted', suggestions: [], details: {} },
    });
  });

  it('ends the process at once the second time', async () => {
    const { code, stderr } = await interrupt('SIGINT', ['wait', '--root', '600000'], true);
    expect(code).toBe(130);
    expect(stderr).toBe('Warning: running\n');
  });

  it('differs from termination, which ends with 143', async () => {
    const { code, stderr } = await interrupt('SIGTERM', ['wait', '--root', '0']);
    expect(code).toBe(143);
    expect(stderr).toBe('Warning: running\nWarning: cleaned up\nterminated\n');
  });
});

describe('a closed pipe', () => {
  /** Reads one chunk of stdout, then closes it. */
  const readALittle = (args: readonly string[]): Promise<{ code: number | null; stderr: string }> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [bin, ...args], { env: cleanEnv() });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.stdout.once('data', () => child.stdout.destroy());
      child.on('close', (code) => resolve({ code, stderr }));
    });

  it('ends a command quietly, and does not undo what was decided', async () => {
    expect(await readALittle(['flood', '1'])).toEqual({ code: 1, stderr: '' });
  });
});

it('a big answer arrives whole before the process ends', async () => {
  const { code, stdout } = await fail(['flood', '0']);
  expect(code).toBe(0);
  expect(stdout.length).toBe(50_000 * 101 + 1);
});
