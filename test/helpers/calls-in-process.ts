/**
 * Faults at the calls by which code in this process changes files. They are the calls that strace sees of a process, by
 * the same names and about the same paths; but a run takes no start of a process. What native code calls (LMDB) is not
 * seen, nor what goes through streams and promises.
 */
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { errnoOf } from '#dist/core/errors.js';

/** 'dead': nothing changes any more from that call on, as after SIGKILL. 'short': 10 bytes are said to be written, and none is. */
export type FaultInProcess = 'EIO' | 'ENOSPC' | 'short' | 'dead';

/** The n-th call of its name about the path, from 1 on; of two paths, the first. */
export interface CallInProcess {
  readonly name: string;
  readonly path: string;
  readonly nth: number;
}

export interface EndInProcess {
  /** What the run threw. */
  readonly error?: unknown;
  readonly calls: readonly CallInProcess[];
  /** The fault really happened. */
  readonly fired: boolean;
}

/** Runs with a fault at one call, or none. One at a time: while it runs, the functions of node:fs are replaced. */
export async function runInProcess(
  run: () => Promise<unknown>,
  call?: CallInProcess,
  fault?: FaultInProcess,
): Promise<EndInProcess> {
  const calls: CallInProcess[] = [];
  const counts = new Map<string, number>();
  let fired = false;
  /** Counts a call, and throws where it fails; 'short' where it only seems to succeed. */
  const meet: Meet = (name, ...paths) => {
    if (fired && fault === 'dead') throw new Error('dead');
    for (const path of new Set(paths))
      counts.set(`${name} ${path}`, (counts.get(`${name} ${path}`) ?? 0) + 1);
    const [path = ''] = paths;
    const nth = counts.get(`${name} ${path}`)!;
    calls.push({ name, path, nth });
    const isMeant = name === call?.name && path === call.path && nth === call.nth;
    if (fired || !isMeant || fault === undefined) return undefined;
    fired = true;
    if (fault === 'short') return 'short';
    if (fault === 'dead') throw new Error('dead');
    throw Object.assign(new Error(`${fault}: injected, ${name} '${path}'`), {
      ...{ code: fault, errno: -os.constants.errno[fault], syscall: name, path },
    });
  };
  const opened = new Set<number>();
  const restore = [
    replaced(fs, changingFunctions(meet, opened)),
    replaced(crypto, { randomBytes: countingBytes() }),
    replaced(process, { pid: 999_999_999 }),
  ];
  try {
    await run();
    return { calls, fired };
  } catch (error) {
    return { error, calls, fired };
  } finally {
    for (const undo of restore) undo();
    // As at the end of a process: its locks go with its descriptors.
    for (const fd of opened) closeQuietly(fd);
  }
}

/**
 * While it runs no canary is sent, as if all of them were well, or were killed by a signal. A process of its own takes longer than
 * all the rest.
 */
export async function withoutCanary<T>(
  run: () => Promise<T>,
  killedBy: NodeJS.Signals | null = null,
): Promise<T> {
  const spawn = (): unknown => {
    const streams = {
      stdin: new PassThrough().resume(),
      stdout: new PassThrough(),
      stderr: new PassThrough(),
    };
    const child = Object.assign(new EventEmitter(), { ...streams, kill: () => true });
    process.nextTick(() => child.emit('close', killedBy === null ? 0 : null, killedBy));
    return child;
  };
  const undo = replaced(childProcess, { spawn });
  try {
    return await run();
  } finally {
    undo();
  }
}

type Meet = (name: string, ...paths: readonly string[]) => 'short' | undefined;

/** Puts values in the place of an object's, for those too who imported them by name; returns what puts them back. */
function replaced(holder: object, values: object): () => void {
  const before = Object.getOwnPropertyDescriptors(holder);
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(holder, name, { value, configurable: true, writable: true, enumerable: true });
  syncBuiltinESMExports();
  return () => {
    for (const name of Object.keys(values)) {
      const descriptor = Object.getOwnPropertyDescriptor(before, name)?.value as PropertyDescriptor;
      Object.defineProperty(holder, name, descriptor);
    }
    syncBuiltinESMExports();
  };
}

/** The same names in every run, as programs/predictable-names.mjs gives them. */
function countingBytes(): (size: number) => Buffer {
  let count = 0;
  return (size) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUInt32BE((count += 1));
    return bytes;
  };
}

/** What a descriptor is of, by the name that it has now. */
const pathOf = (fd: number): string => fs.readlinkSync(`/proc/self/fd/${fd}`);

function closeQuietly(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // It is closed.
  }
}

/** The functions of node:fs that change what is in files and directories, each meeting its calls before it makes them. */
function changingFunctions(meet: Meet, opened: Set<number>): Partial<typeof fs> {
  const real = { ...fs };

  const makeOne = (path: string, mode: fs.Mode | undefined): boolean => {
    try {
      meet('mkdir', path);
      real.mkdirSync(path, { mode });
      return true;
    } catch (error) {
      // As Node does: whatever was said, a directory that is there need not be made.
      if (real.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return false;
      throw error;
    }
  };
  const makeAll = (path: string, mode: fs.Mode | undefined): string | undefined => {
    try {
      return makeOne(path, mode) ? path : undefined;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
    const first = makeAll(dirname(path), mode);
    makeOne(path, mode);
    return first ?? path;
  };
  const remove = (path: string): void => {
    if (real.lstatSync(path).isDirectory()) {
      try {
        // Node 20 tries it first.
        functions.rmdirSync(path);
        return;
      } catch (error) {
        if (errnoOf(error) !== 'ENOTEMPTY') throw error;
      }
      for (const name of real.readdirSync(path)) remove(join(path, name));
      functions.rmdirSync(path);
    } else {
      meet('unlink', path);
      real.unlinkSync(path);
    }
  };

  const functions = {
    openSync(path: string, flags: string | number = 'r', mode?: fs.Mode) {
      const makes = typeof flags === 'string' ? /[wa]/.test(flags) : (flags & fs.constants.O_CREAT) !== 0;
      if (makes) meet('openat', path);
      const fd = real.openSync(path, flags, mode);
      opened.add(fd);
      return fd;
    },
    closeSync(fd: number) {
      opened.delete(fd);
      real.closeSync(fd);
    },
    writeSync(fd: number, data: Uint8Array | string, ...place: (number | null | undefined)[]) {
      const position = typeof data === 'string' ? place[0] : place[2];
      if (meet(typeof position === 'number' ? 'pwrite64' : 'write', pathOf(fd)) === 'short') return 10;
      return (real.writeSync as (...all: unknown[]) => number)(fd, data, ...place);
    },
    writeFileSync(path: string, data: string | Uint8Array, options?: { flag?: string; mode?: fs.Mode }) {
      const fd = functions.openSync(path, options?.flag ?? 'w', options?.mode);
      try {
        functions.writeSync(fd, Buffer.from(data));
      } finally {
        functions.closeSync(fd);
      }
    },
    mkdirSync(path: string, options?: { recursive?: boolean; mode?: fs.Mode }) {
      if (options?.recursive === true) return makeAll(path, options.mode);
      meet('mkdir', path);
      return real.mkdirSync(path, options);
    },
    rmSync(path: string, options: { recursive?: boolean; force?: boolean } = {}) {
      if (options.force === true && !real.existsSync(path)) return;
      if (options.recursive !== true) functions.unlinkSync(path);
      else remove(path);
    },
    unlinkSync(path: string) {
      meet('unlink', path);
      real.unlinkSync(path);
    },
    rmdirSync(path: string) {
      meet('rmdir', path);
      real.rmdirSync(path);
    },
    renameSync(from: string, to: string) {
      meet('rename', from, to);
      real.renameSync(from, to);
    },
    linkSync(from: string, to: string) {
      meet('link', from, to);
      real.linkSync(from, to);
    },
    symlinkSync(target: string, path: string) {
      meet('symlink', path);
      real.symlinkSync(target, path);
    },
    copyFileSync(from: string, to: string, mode?: number) {
      meet('copy', to);
      real.copyFileSync(from, to, mode);
    },
    chmodSync(path: string, mode: fs.Mode) {
      meet('chmod', path);
      real.chmodSync(path, mode);
    },
    fchmodSync(fd: number, mode: fs.Mode) {
      meet('fchmod', pathOf(fd));
      real.fchmodSync(fd, mode);
    },
    fsyncSync(fd: number) {
      meet('fsync', pathOf(fd));
      real.fsyncSync(fd);
    },
    ftruncateSync(fd: number, length?: number) {
      meet('ftruncate', pathOf(fd));
      real.ftruncateSync(fd, length);
    },
  };
  return functions as Partial<typeof fs>;
}
