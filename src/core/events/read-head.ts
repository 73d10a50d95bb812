/** The beginning of a file, from which its shape is guessed. */
import { open } from 'node:fs/promises';
import { unreadable } from '../files/text-lines.js';

const headBytes = 1 << 20;

/** The first MiB, or all where it is less. AppError 'bad-input-file', which calls the file `name`. */
export async function readHead(name: string, path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const head = Buffer.alloc(headBytes);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(head, length, headBytes - length, length);
        length += bytesRead;
        if (bytesRead === 0 || length === headBytes) return head.subarray(0, length);
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(name, name, error);
  }
}
