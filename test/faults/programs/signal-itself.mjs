// To be imported before segue: the process sends itself a signal right after a call of node:fs about a certain path, so that it
// always comes in the middle of the same work, however slow or fast the machine is. SIGNAL_ITSELF holds, as JSON, the signal, the
// name of the call ('open' of a file that is made, 'rename' to a path, 'fsync'), a pattern of the path, and how many come before.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const { signal, call, path: pattern, after = 0 } = JSON.parse(process.env.SIGNAL_ITSELF);
const { fsyncSync, openSync, renameSync } = fs;
let left = after;

function made(name, path) {
  if (name !== call || !new RegExp(pattern).test(path) || left-- > 0) return;
  process.kill(process.pid, signal);
  // It may be delivered to another thread, a moment later.
  if (signal === 'SIGKILL') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

if (isMainThread) {
  fs.openSync = (path, flags, mode) => {
    const fd = openSync(path, flags, mode);
    const makes = typeof flags === 'string' ? /[wa]/.test(flags) : (flags & fs.constants.O_CREAT) !== 0;
    if (makes) made('open', String(path));
    return fd;
  };
  fs.renameSync = (from, to) => {
    renameSync(from, to);
    made('rename', String(to));
  };
  fs.fsyncSync = (fd) => {
    fsyncSync(fd);
    made('fsync', fs.readlinkSync(`/proc/self/fd/${fd}`));
  };
  syncBuiltinESMExports();
}
