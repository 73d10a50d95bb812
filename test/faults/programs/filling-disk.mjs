// To be imported before segue: when the file whose name ends with the first word of FILL_DISK is about to be made, others
// have filled the disk, but for so many bytes (the second), with the file that the third names.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const [suffix, free, ballast] = process.env.FILL_DISK.split(' ');
const { openSync } = fs;

function fill() {
  const { bavail, bsize } = fs.statfsSync(dirname(ballast));
  fs.writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - Number(free))));
}

if (isMainThread) {
  fs.openSync = (path, flags, mode) => {
    const makes = typeof flags === 'string' ? /[wa]/.test(flags) : (flags & fs.constants.O_CREAT) !== 0;
    if (makes && path.endsWith(suffix) && !fs.existsSync(ballast)) fill();
    return openSync(path, flags, mode);
  };
  syncBuiltinESMExports();
}
