import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRegularFile } from '#dist/core/files/safe-open.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

describe('openRegularFile', () => {
  it('opens a regular file', () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, 'abc');
    const fd = openRegularFile(path);
    expect(readFileSync(fd, 'utf8')).toBe('abc');
    closeSync(fd);
  });

  it('says what stands in its place', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'file'), 'secret');
    symlinkSync('file', join(directory, 'link'));
    symlinkSync('link-loop', join(directory, 'link-loop'));
    mkdirSync(join(directory, 'directory'));
    execFileSync('mkfifo', [join(directory, 'fifo')]);
    const server = createServer().listen(join(directory, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      expect(() => openRegularFile(join(directory, 'link'))).toThrow('is a symbolic link where');
      expect(() => openRegularFile(join(directory, 'link-loop'))).toThrow('is a symbolic link where');
      expect(() => openRegularFile(join(directory, 'directory'))).toThrow('is a directory where');
      // It waits for no writer.
      expect(() => openRegularFile(join(directory, 'fifo'))).toThrow('is a FIFO where');
      expect(() => openRegularFile(join(directory, 'socket'))).toThrow('is a socket where');
      expect(() => openRegularFile('/dev/null')).toThrow('is a device where');
    } finally {
      server.close();
    }
  });

  it('leaves the errno of a missing file to the caller', () => {
    expect(() => openRegularFile(join(temporaryDirectory(), 'none'))).toThrow(
      expect.objectContaining({ code: 'ENOENT' }) as Error,
    );
  });
});
