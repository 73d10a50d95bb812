import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readFully } from '#dist/core/files/read-fully.js';

const folder = mkdtempSync(join(tmpdir(), 'segue-read-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('reading fills the target, or says how much there was', () => {
  const path = join(folder, 'file');
  writeFileSync(path, 'abcdef');
  const fd = openSync(path, 'r');
  const target = Buffer.alloc(4);
  expect([readFully(fd, target, 1), target.toString()]).toEqual([4, 'bcde']);
  expect(readFully(fd, target, 4)).toBe(2);
  expect(readFully(fd, target, 100)).toBe(0);
  closeSync(fd);
  expect(() => readFully(fd, target, 0)).toThrow(expect.objectContaining({ code: 'EBADF' }));
});
