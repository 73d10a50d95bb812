import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openOutputFile } from '#dist/core/files/output-file.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { mayMountTmpfs, mountTmpfs } from '../../helpers/tmpfs.js';

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
    expect(() => {
      file.commit();
    }).toThrow(failing('bad-usage', 'is there already'));
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

  test('in a directory that is not there is the machine’s error', () => {
    const path = join(makeDirectory(), 'no', 'out');
    expect(() => openOutputFile(path, once)).toThrow(failing('io-error', 'ENOENT'));
  });

  test.skipIf(!mayMountTmpfs())('that does not fit on the disk says so and leaves nothing', () => {
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
