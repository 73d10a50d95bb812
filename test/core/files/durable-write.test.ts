import { createHash } from 'node:crypto';
import {
  mkdirSync,
  lstatSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  appendDurably,
  fsyncDirectory,
  makeDirectory,
  makeOwnDirectory,
  replaceFile,
  replaceSymlink,
  sealFile,
  temporaryOwner,
  writeDurableFile,
} from '#dist/core/files/durable-write.js';
import { traceCalls } from '../../helpers/fault-injection.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { words } from '../../helpers/words.js';

const temporaryDirectory = temporaryDirectories();
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('writeDurableFile', () => {
  it('writes all chunks, read-only, and returns their number of bytes and sha256', () => {
    const path = join(temporaryDirectory(), 'file');
    const chunks = [Buffer.from('ab'), Buffer.alloc(0), Buffer.from('cde')];
    expect(writeDurableFile(path, chunks)).toEqual({ bytes: 5, sha256: sha256(Buffer.from('abcde')) });
    expect(readFileSync(path, 'utf8')).toBe('abcde');
    expect(statSync(path).mode & 0o777).toBe(0o444);
  });

  it('takes chunks larger than one write() is given', () => {
    const path = join(temporaryDirectory(), 'file');
    const chunk = Buffer.alloc((64 << 20) + 3, 7);
    expect(writeDurableFile(path, [chunk])).toEqual({ bytes: chunk.length, sha256: sha256(chunk) });
    expect(statSync(path).size).toBe(chunk.length);
  });

  it('writes a view of a larger buffer, not the buffer', () => {
    const path = join(temporaryDirectory(), 'file');
    writeDurableFile(path, [new Uint8Array(new Float32Array([1, 2, 3]).buffer, 4, 4)]);
    expect(new Float32Array(readFileSync(path).buffer.slice(0, 4))).toHaveLength(1);
    expect(readFileSync(path).readFloatLE(0)).toBe(2);
  });

  it('refuses a file that exists, and leaves it alone', () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, 'old');
    expect(() => writeDurableFile(path, [Buffer.from('new')])).toThrow('it exists already');
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('does not write through a link that was planted', () => {
    const directory = temporaryDirectory();
    symlinkSync(join(directory, 'elsewhere'), join(directory, 'file'));
    expect(() => writeDurableFile(join(directory, 'file'), [Buffer.from('x')])).toThrow('it exists already');
    expect(readdirSync(directory)).toEqual(['file']);
  });

  it('leaves nothing where the chunks fail, and passes their error on', () => {
    const directory = temporaryDirectory();
    const failing = function* (): Generator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the source broke');
    };
    expect(() => writeDurableFile(join(directory, 'file'), failing())).toThrow('the source broke');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves nothing where it is aborted', () => {
    const directory = temporaryDirectory();
    const abort = new AbortController();
    const chunks = function* (): Generator<Uint8Array> {
      yield Buffer.from('half');
      abort.abort();
      yield Buffer.from('other half');
    };
    expect(() => writeDurableFile(join(directory, 'file'), chunks(), abort.signal)).toThrow('interrupted');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('says which file it could not write, and why', () => {
    const path = join(temporaryDirectory(), 'missing', 'file');
    expect(() => writeDurableFile(path, [])).toThrow(`could not write ${path}: ENOENT`);
  });
});

describe('replaceFile', () => {
  it('puts a whole file in the place of another', () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'file');
    replaceFile(path, 'one');
    replaceFile(path, 'two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(directory)).toEqual(['file']);
  });

  it('leaves the old file, and no other, where the new one fails', () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'file'));
    expect(() => replaceFile(join(directory, 'file'), 'x')).toThrow('could not write');
    expect(readdirSync(directory)).toEqual(['file']);
  });
});

describe('appendDurably', () => {
  it('makes the file, then adds to its end', () => {
    const path = join(temporaryDirectory(), 'log');
    appendDurably(path, 'a\n');
    appendDurably(path, 'é\n');
    expect(readFileSync(path, 'utf8')).toBe('a\né\n');
  });

  it('refuses a link', () => {
    const directory = temporaryDirectory();
    symlinkSync('elsewhere', join(directory, 'log'));
    expect(() => appendDurably(join(directory, 'log'), 'x')).toThrow('ELOOP');
    expect(readdirSync(directory)).toEqual(['log']);
  });
});

describe('sealFile', () => {
  it('makes a file read-only and returns its digest, read back', () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, 'abc');
    expect(sealFile(path)).toEqual({ bytes: 3, sha256: sha256(Buffer.from('abc')) });
    expect(statSync(path).mode & 0o777).toBe(0o444);
  });

  it('refuses a link', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'target'), 'abc');
    symlinkSync('target', join(directory, 'link'));
    expect(() => sealFile(join(directory, 'link'))).toThrow(
      'is a symbolic link where a regular file was expected',
    );
    expect(statSync(join(directory, 'target')).mode & 0o222).not.toBe(0);
  });
});

describe('makeDirectory', () => {
  it('makes all missing parents, and says whether it made anything', () => {
    const directory = temporaryDirectory();
    expect(makeDirectory(join(directory, 'a', 'b'))).toBe(true);
    expect(makeDirectory(join(directory, 'a', 'b'))).toBe(false);
    expect(statSync(join(directory, 'a', 'b')).isDirectory()).toBe(true);
  });

  it('takes a relative path', () => expect(makeDirectory('.')).toBe(false));

  it('says what is in the way', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'a'), '');
    expect(() => makeDirectory(join(directory, 'a', 'b'))).toThrow('could not make the directory');
  });

  it('ends where the kernel makes none: in /proc, and /sys', { tags: ['linux'] }, () => {
    for (const path of ['/proc/self/segue', '/proc/self/segue/root', '/proc/1/a/b/c', '/sys/segue/root'])
      expect(() => makeDirectory(path), path).toThrow(`could not make the directory ${path}`);
  });

  it('makes what is missing of a deep path, each name durable, and takes what others made meanwhile', () => {
    const directory = temporaryDirectory();
    expect(makeDirectory(join(directory, 'a/b/c/d/e'))).toBe(true);
    expect(makeDirectory(join(directory, 'a/b/c/d/f/'))).toBe(true);
    symlinkSync(join(directory, 'a'), join(directory, 'link'));
    expect(makeDirectory(join(directory, 'link'))).toBe(false);
    expect(makeDirectory(join(directory, 'link/x/y'))).toBe(true);
    symlinkSync('nowhere', join(directory, 'dangling'));
    expect(() => makeDirectory(join(directory, 'dangling'))).toThrow('could not make the directory');
  });
});

describe('replaceSymlink', () => {
  it('makes a link, and points it elsewhere by a rename', () => {
    const directory = temporaryDirectory();
    const link = join(directory, 'link');
    replaceSymlink('one', link);
    const first = lstatSync(link).ino;
    replaceSymlink('two', link);
    expect(readlinkSync(link)).toBe('two');
    expect(lstatSync(link).ino).not.toBe(first);
    expect(readdirSync(directory)).toEqual(['link']);
    fsyncDirectory(directory);
  });

  it('refuses a directory in its place, and leaves no litter', () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'link'));
    expect(() => replaceSymlink('one', join(directory, 'link'))).toThrow('EISDIR');
    expect(readdirSync(directory)).toEqual(['link']);
  });
});

it('temporaryOwner finds the pid in the names that are made here, and in no others', () => {
  expect(temporaryOwner('.current.4711.0123456789ab')).toBe(4711);
  expect(temporaryOwner('.a.b.1.0123456789ab')).toBe(1);
  for (const name of words`current .current .current.4711 .current.x.0123456789ab ..1.0123456789ab`) {
    expect(temporaryOwner(name)).toBeUndefined();
  }
});

describe('makeOwnDirectory', () => {
  it('makes a directory, or finds it there', () => {
    const path = join(temporaryDirectory(), 'own');
    expect([makeOwnDirectory(path), makeOwnDirectory(path)]).toEqual([true, false]);
  });

  it("refuses a link to a directory, which may be anybody's", () => {
    const folder = temporaryDirectory();
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync('elsewhere', join(folder, 'own'));
    const refused = expect.objectContaining({
      code: 'damaged-root',
      message: expect.stringContaining('own is a symbolic link where segue keeps a directory'),
    });
    expect(() => makeOwnDirectory(join(folder, 'own'))).toThrow(refused);
  });
});

describe('the first line of a file', { tags: ['strace'] }, () => {
  it('is durable under its name, whose directory is fsynced; further ones need the file alone', async () => {
    const directory = temporaryDirectory();
    const program = `
      import { appendDurably } from '#dist/core/files/durable-write.js';
      for (const text of ['one\\n', 'two\\n']) appendDurably(process.argv[1], text);`;
    const calls = await traceCalls(program, [join(directory, 'history.jsonl')]);
    const synced = calls.filter(({ name }) => name === 'fsync').map(({ text }) => /<(.*)>\)/.exec(text)?.[1]);
    expect(synced).toEqual([join(directory, 'history.jsonl'), directory, join(directory, 'history.jsonl')]);
  });
});
