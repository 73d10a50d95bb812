import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { readUserList, type UserList } from '#dist/core/query/many/user-list.js';

const ids = ['a', 'b', ' c d'];
const asked: string[] = [];
const known = {
  findRow(id: string) {
    asked.push(id);
    return ids.includes(id) ? ids.indexOf(id) : undefined;
  },
  rowOf(id: string): number {
    throw new AppError('user-not-found', `no user "${id}"`, { suggestions: ['did you mean a?', 'or else'] });
  },
  numStored: ids.length,
} as unknown as Parameters<typeof readUserList>[1];

function read(stdin: string | Buffer[], skipUnknown = false): Promise<UserList> {
  asked.length = 0;
  const pieces = typeof stdin === 'string' ? [Buffer.from(stdin)] : stdin;
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const options = { usersFrom: '-', users: [], skipUnknown, stdin: Readable.from(pieces) };
  return readUserList(options, known, context);
}

describe('a list of users', () => {
  it('has an id a line, each once, blank lines and returns aside', async () => {
    const list = await read('\ufeff c d\r\n\r\n  \na\n c d\nb');
    expect([...list.rows]).toEqual([2, 0, 1]);
    expect(list).toMatchObject({ repeated: 1, unknown: 0 });
  });

  it('names the first line that is nobody, and how many more there are', async () => {
    await expect(read('a\n\nx\ny\n')).rejects.toMatchObject({
      code: 'user-not-found',
      message: 'stdin line 3: no user "x", nor 1 more of the list',
      suggestions: ['did you mean a?', 'to skip unknown users: `skipUnknown`'],
    });
    expect(await read('a\n\nx\ny\n', true)).toMatchObject({ unknown: 2 });
  });

  it.each([false, true])('refuses a line longer than an id, and looks nobody up for it: %s', async (skip) => {
    const piece = Buffer.alloc(65_536, 'x');
    const wanted = { code: 'bad-input-file', message: 'standard input line 2 is longer than 1024 bytes' };
    await expect(read([Buffer.from('a\n'), piece, piece, piece], skip)).rejects.toMatchObject(wanted);
    expect(asked).toEqual(['a']);
    await expect(read(`a\n${'x'.repeat(1025)}\nb\n`, skip)).rejects.toMatchObject(wanted);
    expect(await read(`a\n${'x'.repeat(1024)}\n`, true)).toMatchObject({ unknown: 1 });
  });
});
