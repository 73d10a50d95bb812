import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { once as onceEmitted } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openOutputFile } from '#dist/core/files/output-file.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { mountTmpfs } from '../../helpers/tmpfs.js';

const makeDirectory = temporaryDirectories();
const once = { force: false };

const failing = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('an output file', () => {
  test('appears under its name when it is whole, for whoever the umask says', () => {
    const folder = makeDirectory();
    const path = join(folder, 'out.bin');
    const file = openOutputFile(path, once);
    file.write(Buffer.from('half, '));
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.out\.bin\.\d+\.[0-9a-f]{12}$/)]);
    file.write(Buffer.from('whole'));
    file.commit();
    file.abandon();
    expect(file.bytes).toBe(11);
    expect(readdirSync(folder)).toEqual(['out.bin']);
    expect(readFileSync(path, 'utf8')).toBe('half, whole');
    writeFileSync(join(folder, 'usual'), '');
    expect(statSync(path).mode).toBe(statSync(join(folder, 'usual')).mode);
  });

  test('that is abandoned leaves nothing', () => {
    const folder = makeDirectory();
    const file = openOutputFile(join(folder, 'out'), once);
    file.write(Buffer.from('x'));
    file.abandon();
    file.abandon();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('replaces nothing without being told to', () => {
    const folder = makeDirectory();
    const path = join(folder, 'out');
    writeFileSync(path, 'precious');
    expect(() => openOutputFile(path, once)).toThrow(failing('bad-usage', 'is there already'));
    const file = openOutputFile(path, { force: true });
    file.write(Buffer.from('new'));
    file.commit();
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  test('does not replace what appeared while it was written', () => {
    const folder = makeDirectory();
    const path = join(folder, 'out');
    const file = openOutputFile(path, once);
    writeFileSync(path, 'someone else’s');
    expect(() => file.commit()).toThrow(failing('bad-usage', 'is there already'));
    file.abandon();
    expect(readdirSync(folder)).toEqual(['out']);
    expect(readFileSync(path, 'utf8')).toBe('someone else’s');
  });

  test('takes the place of no directory and no link, told to or not', () => {
    const folder = makeDirectory();
    mkdirSync(join(folder, 'directory'));
    symlinkSync('nowhere', join(folder, 'link'));
    for (const force of [false, true]) {
      expect(() => openOutputFile(join(folder, 'directory'), { force })).toThrow(
        failing('bad-usage', 'a directory'),
      );
      expect(() => openOutputFile(join(folder, 'link'), { force })).toThrow(
        failing('bad-usage', 'a symbolic link'),
      );
    }
    expect(readdirSync(folder)).toEqual(['directory', 'link']);
  });

  test('takes nothing more once it is finished, and is no file by its name yet', () => {
    const folder = makeDirectory();
    const path = join(folder, 'out');
    const file = openOutputFile(path, once);
    file.write(Buffer.from('x'));
    file.finish();
    expect(() => file.write(Buffer.from('y'))).toThrow('closed');
    expect(existsSync(path)).toBe(false);
    file.commit();
    file.abandon();
    expect(readFileSync(path, 'utf8')).toBe('x');
    expect(readdirSync(folder)).toEqual(['out']);
  });

  test('removes what killed writers of the same name left, and no other file', () => {
    const folder = makeDirectory();
    const path = join(folder, 'out');
    const left = ['.out.1.0123456789ab', `.out.${process.pid}.0123456789ab`];
    const others = [
      ...['.out.1.0123456789abc', '.out.1.0123456789a', '.out..0123456789ab', '.out.x1.0123456789ab'],
      ...['.out.b.1.0123456789ab', '.a.out.1.0123456789ab', 'out.1.0123456789ab', '.out.1.0123456789aG'],
    ];
    for (const name of [...left, ...others]) writeFileSync(join(folder, name), 'x');
    mkdirSync(join(folder, '.out.2.0123456789ab'));
    symlinkSync(join(folder, others[0]!), join(folder, '.out.3.0123456789ab'));
    const file = openOutputFile(path, once);
    file.commit();
    file.abandon();
    expect(readdirSync(folder).sort()).toEqual(
      ['out', ...others, '.out.2.0123456789ab', '.out.3.0123456789ab'].sort(),
    );
    expect(readFileSync(join(folder, others[0]!), 'utf8')).toBe('x');
  });

  test('leaves alone what another process is writing under the same name', async () => {
    const folder = makeDirectory();
    const path = join(folder, 'out');
    const program = `
      import { openOutputFile } from '#dist/core/files/output-file.js';
      const file = openOutputFile(process.argv[1], { force: false });
      file.write(Buffer.from('theirs'));
      process.stdout.write('open');
      process.stdin.once('data', () => { file.commit(); file.abandon(); process.exit(); });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, path]);
    await onceEmitted(child.stdout, 'data');
    const ours = openOutputFile(path, once);
    expect(readdirSync(folder)).toHaveLength(2);
    ours.abandon();
    child.stdin.write('go');
    await onceEmitted(child, 'close');
    expect(readdirSync(folder)).toEqual(['out']);
    expect(readFileSync(path, 'utf8')).toBe('theirs');
  });

  test('in a directory that is not there is the machine’s error', () => {
    const path = join(makeDirectory(), 'no', 'out');
    expect(() => openOutputFile(path, once)).toThrow(failing('io-error', 'ENOENT'));
  });

  test('that does not fit on the disk says so and leaves nothing', { tags: ['mount'] }, () => {
    const folder = makeDirectory();
    mountTmpfs(folder, 1 << 20);
    try {
      const file = openOutputFile(join(folder, 'out'), once);
      expect(() => {
        for (let at = 0; at < 3; at++) file.write(Buffer.alloc(1 << 19));
      }).toThrow(failing('disk-full', 'no space'));
      file.abandon();
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      spawnSync('umount', [folder]);
    }
  });
});
