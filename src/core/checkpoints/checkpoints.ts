/**
 * The checkpoints of one training: `checkpoints/<training>/<epoch>.<sha256>`, held by one process at a time. A new one
 * is written whole and durable under a name that nobody looks at, and renamed; then the older ones go. So whenever a
 * process dies, a whole one is there, and everything else follows from it.
 */
import { accessSync, constants, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TaskContext } from '../contracts.js';
import { AppError, damaged, isDenied, machineError, orMachineError, unlessRefused } from '../errors.js';
import { fsyncDirectory, makeOwnDirectory, writeDurableFile } from '../files/durable-write.js';
import { requireFreeBytes } from '../files/free-space.js';
import { findHolder } from '../files/lock-holders.js';
import { tryRemovableLock, type RemovableLock } from '../files/removable-lock.js';
import { hashFile } from '../files/sha256.js';
import type { JsonValue } from '../snapshot/canonical-json.js';
import { checkpointBytes, checkpointChunks, openCheckpoint, type OpenCheckpoint } from './checkpoint-file.js';
import { checkpointName, parseCheckpointName, rootPath, unfinishedCheckpoint } from '../snapshot/layout.js';
import { holderInWords, makeLockDirectory } from '../snapshot/writing/root-lock.js';

export interface Checkpoints {
  /** The latest one of an earlier run that is whole; open until `close` or `discard`. */
  readonly found: OpenCheckpoint | undefined;
  /** Durable when it returns; then the earlier ones are gone. Throws machine errors, and the error of an abort. */
  save(epoch: number, progress: JsonValue, arrays: ReadonlyMap<string, Uint8Array>): void;
  /** The training is done: none is needed any more. */
  discard(): void;
  /** Leaves what was saved for the next run. After `discard` it does nothing. */
  close(): void;
}

/**
 * Takes the checkpoints of a training: undefined where another process has them, which is training the same, or they are
 * another user's; a warning says so. Damaged ones, and any of another training, are warned about and passed over.
 */
export async function openCheckpoints(
  root: string,
  training: string,
  context: TaskContext,
): Promise<Checkpoints | undefined> {
  const held = await holdCheckpoints(root, training, context);
  if (typeof held !== 'string') return held;
  context.onProgress({ kind: 'warning', message: `${held}; this process writes none` });
  return undefined;
}

/** Or why they cannot be had. */
async function holdCheckpoints(
  root: string,
  training: string,
  context: TaskContext,
): Promise<Checkpoints | string> {
  const directory = rootPath.checkpoints(root, training);
  const ofAnother = `the checkpoints of this training, in ${directory}, belong to another user`;
  makeLockDirectory(root);
  let lock: RemovableLock | undefined;
  try {
    lock = tryRemovableLock(rootPath.checkpointLock(root, training));
  } catch (error) {
    if (isDenied(error)) return ofAnother;
    throw machineError(error, `lock the checkpoints in ${directory}`);
  }
  if (lock === undefined) {
    const who = holderInWords(findHolder(rootPath.checkpointLock(root, training)));
    return `${who} is running the same training and writing its checkpoints`;
  }
  try {
    // Under the lock, since whoever is done with it removes the directory.
    for (const own of [dirname(directory), directory]) makeOwnDirectory(own);
    accessSync(directory, constants.W_OK);
    rmSync(join(directory, unfinishedCheckpoint), { force: true });
    return new HeldCheckpoints(
      directory,
      training,
      lock,
      await findLatest(directory, training, context),
      context,
    );
  } catch (error) {
    lock.release();
    if (isDenied(error)) return ofAnother;
    throw machineError(error, `read ${directory}`);
  }
}

/** Takes away what a training that is complete left, unless another process is at it. Throws machine errors. */
export function discardCheckpoints(root: string, training: string): void {
  const directory = rootPath.checkpoints(root, training);
  if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) return;
  makeOwnDirectory(dirname(directory));
  makeLockDirectory(root);
  try {
    const lock = tryRemovableLock(rootPath.checkpointLock(root, training));
    if (lock === undefined) return;
    removeAll(directory);
    lock.release();
  } catch (error) {
    throw machineError(error, `remove ${directory}`);
  }
}

class HeldCheckpoints implements Checkpoints {
  readonly found: OpenCheckpoint | undefined;
  readonly #directory: string;
  readonly #training: string;
  readonly #context: TaskContext;
  #lock: RemovableLock | undefined;

  constructor(
    directory: string,
    training: string,
    lock: RemovableLock,
    found: OpenCheckpoint | undefined,
    context: TaskContext,
  ) {
    this.#directory = directory;
    this.#training = training;
    this.#lock = lock;
    this.#context = context;
    this.found = found;
  }

  save(epoch: number, progress: JsonValue, arrays: ReadonlyMap<string, Uint8Array>): void {
    const directory = this.#directory;
    const unfinished = join(directory, unfinishedCheckpoint);
    requireFreeBytes(directory, checkpointBytes(arrays));
    const content = { training: this.#training, epoch, progress, arrays };
    const { sha256 } = writeDurableFile(unfinished, checkpointChunks(content), this.#context.signal);
    const name = checkpointName(epoch, sha256);
    orMachineError(`write ${join(directory, name)}`, () => {
      renameSync(unfinished, join(directory, name));
      fsyncDirectory(directory);
      for (const entry of readdirSync(directory)) if (entry !== name) rmSync(join(directory, entry));
    });
  }

  discard(): void {
    if (this.#lock === undefined) return;
    removeAll(this.#directory);
    this.close();
  }

  close(): void {
    if (this.#lock === undefined) return;
    this.found?.close();
    this.#lock.release();
    this.#lock = undefined;
  }
}

/** They are the holder's, who has no use for them. */
function removeAll(directory: string): void {
  // Where they stay they take room, and the same training, which finds its snapshot first, tries again.
  unlessRefused(() => rmSync(directory, { recursive: true, force: true }));
}

/** The whole one of the latest epoch. */
async function findLatest(
  directory: string,
  training: string,
  context: TaskContext,
): Promise<OpenCheckpoint | undefined> {
  const names = readdirSync(directory)
    .flatMap((name) => {
      const said = parseCheckpointName(name);
      return said === undefined ? [] : [{ name, ...said }];
    })
    .sort((a, b) => b.epoch - a.epoch);
  for (const { name, sha256, epoch } of names) {
    const path = join(directory, name);
    const step = { kind: 'step', phase: 'reading the checkpoint', total: undefined, unit: 'bytes' } as const;
    let done = 0;
    const onBytes = (count: number): void => {
      done += count;
      context.onProgress({ ...step, done });
    };
    try {
      const digest = await hashFile(path, { signal: context.signal, onBytes });
      if (digest.sha256 !== sha256) throw damaged(path, 'its bytes are not the ones that were written');
      const checkpoint = openCheckpoint(path);
      if (checkpoint.training === training && checkpoint.epoch === epoch) return checkpoint;
      checkpoint.close();
      throw damaged(path, `it belongs to training ${checkpoint.training}, epoch ${String(checkpoint.epoch)}`);
    } catch (error) {
      if (context.signal.aborted) throw error;
      if (!(error instanceof AppError)) throw error;
      context.onProgress({ kind: 'warning', message: `a checkpoint cannot be used: ${error.message}` });
    }
  }
  return undefined;
}
