// Run by lmdb-file.test.ts in processes of its own: writes a store and, where that fails, prints the error's code.
import { writeLmdb } from '#dist/core/store/lmdb-writer.js';

const [path, count, fault] = process.argv.slice(2);

function* entries() {
  if (fault === 'reject')
    void Promise.reject(Object.assign(new Error('disk'), { syscall: 'write', code: 'EIO' }));
  for (let row = 0; row < Number(count); row++) {
    const key = Buffer.from(`key ${String(row).padStart(9, '0')}`);
    yield [key, Buffer.alloc(60 + (row % 97 === 0 ? 5000 : 0), key)];
  }
}

try {
  await writeLmdb(path, entries(), 2 ** 26);
} catch (error) {
  process.stdout.write(JSON.stringify({ code: error.code, message: error.message }));
  process.exitCode = error.exitCode ?? 70;
}
