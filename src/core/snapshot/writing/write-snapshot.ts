/**
 * Making a snapshot: written under a name that no reader looks at, each file durable, the manifest last, and then
 * renamed to its id. It appears complete or not at all.
 */
import {
  chmodSync,
  copyFileSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  rmSync,
  rmdirSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { TaskContext } from '../../contracts.js';
import { AppError, abortError, errnoOf, machineError, orMachineError, unlessRefused } from '../../errors.js';
import {
  fsyncDirectory,
  makeDirectory,
  makeOwnDirectory,
  openDurableFile,
  sealFile,
  writeDurableFile,
  writeDurableStream,
  type DurableFile,
} from '../../files/durable-write.js';
import { requireFreeBytes } from '../../files/free-space.js';
import { isShared, newDirectoryMode, passSharingOn } from '../../files/group-sharing.js';
import type { FileDigest } from '../../files/sha256.js';
import { sendCanary } from '../canary.js';
import { cleanDrafts, keepDraft, lockNewDraft, type DraftLock } from './draft-lock.js';
import { isOfUnknownPart, rootPath, snapshotFile } from '../layout.js';
import type { ShardFile, SnapshotFile, SnapshotPart } from '../layout.js';
import { markLatest } from '../links.js';
import { leaseOnOwn, makeVisible } from './make-visible.js';
import { warnOfNetwork } from '../network-warning.js';
import { completeManifest, manifestText } from '../manifest.js';
import type { AnyManifest, BundleManifest, Manifest, ManifestContent, WrittenShard } from '../manifest.js';
import type { OpenSnapshot } from '../open-snapshot.js';
import { makeLockDirectory } from './root-lock.js';
import { dropUnchecked, keptError } from './unchecked.js';

export interface DraftOptions {
  /** What will be written, about; half as much again must be free. */
  readonly estimatedBytes: number;
}

/** A snapshot that was made, or was found to be there already. */
export interface CommittedSnapshot {
  readonly id: string;
  readonly path: string;
  /** It was there before, or someone else made the same meanwhile; what was written here is gone. */
  readonly existed: boolean;
  /** As it was found or written. */
  readonly manifest: Manifest;
}

/**
 * Starts a snapshot. Whoever starts one ends it, in a `finally`: `abandon()` after `commit()` does nothing. Throws
 * disk-full and other machine errors.
 */
export function beginSnapshot(root: string, options: DraftOptions, context: TaskContext): SnapshotDraft {
  makeDirectory(root);
  makeOwnDirectory(rootPath.snapshots(root));
  makeLockDirectory(root);
  warnOfNetwork(root, context);
  cleanDrafts(root);
  requireFreeBytes(root, 1.5 * options.estimatedBytes);
  const doing = `start a snapshot in ${root}`;
  const lock = orMachineError(doing, () => lockNewDraft(root));
  try {
    const mode = makeDraftDirectory(root, lock.name);
    if (isShared(root) && (mode & 0o020) === 0) context.onProgress({ kind: 'warning', message: notForGroup });
    return new SnapshotDraft(root, lock, mode, context);
  } catch (error) {
    lock.release();
    throw machineError(error, doing);
  }
}

const notForGroup =
  'this root is shared by a group, and the umask keeps the group from changing what is made here: set it to 002, or to 007';

/** Nobody else can look into it, but for the group that shares the root. Returns the mode that it has when it is done. */
function makeDraftDirectory(root: string, name: string): number {
  const path = rootPath.draft(root, name);
  const shared = isShared(rootPath.snapshots(root));
  mkdirSync(path, { mode: newDirectoryMode(rootPath.snapshots(root)) });
  try {
    if (shared) passSharingOn(path);
    const mode = lstatSync(path).mode & 0o7777;
    chmodSync(path, isShared(path) ? mode & ~0o007 : mode & ~0o077);
    return mode;
  } catch (error) {
    rmdirSync(path);
    throw error;
  }
}

type DraftFile = SnapshotFile | ShardFile;

export class SnapshotDraft {
  /** Where the files are being written. */
  readonly directory: string;
  readonly #root: string;
  readonly #lock: DraftLock;
  readonly #mode: number;
  readonly #context: TaskContext;
  readonly #files = new Map<string, FileDigest>();
  #shards: readonly WrittenShard[] | undefined;
  #state: 'open' | 'committed' | 'kept' | 'abandoned' = 'open';

  /** @param mode the directory's, when it is done */
  constructor(root: string, lock: DraftLock, mode: number, context: TaskContext) {
    this.#root = root;
    this.#lock = lock;
    this.#mode = mode;
    this.#context = context;
    this.directory = rootPath.draft(root, lock.name);
  }

  /** The path for a file that something else writes, its directory made; to be sealed after. */
  path(name: DraftFile): string {
    return this.#path(name);
  }

  #path(name: string): string {
    const path = join(this.directory, name);
    orMachineError(`make ${dirname(path)}`, () =>
      mkdirSync(dirname(path), { recursive: true, mode: newDirectoryMode(this.directory) }),
    );
    return path;
  }

  /** Writes a file, durably. Throws machine errors, and the error of an abort. */
  write(name: DraftFile, chunks: Iterable<Uint8Array>): FileDigest {
    return this.#add(name, writeDurableFile(this.path(name), chunks, this.#context.signal));
  }

  /** The same of chunks that are made while it is written. */
  async writeStream(
    name: DraftFile,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<FileDigest> {
    return this.#add(name, await writeDurableStream(this.path(name), chunks, this.#context.signal));
  }

  /** Starts a file, for whoever writes several of them at the same time. */
  open(name: DraftFile): DurableFile {
    const file = openDurableFile(this.path(name), this.#context.signal);
    return { ...file, finish: () => this.#add(name, file.finish()) };
  }

  /** Says that users were written into these shards: the manifest will state them. */
  shardUsers(shards: readonly WrittenShard[]): void {
    this.#shards = shards;
  }

  /** Takes in a file that something else wrote to `path(name)` and closed. */
  seal(name: DraftFile): FileDigest {
    return this.#add(name, sealFile(this.path(name)));
  }

  /**
   * Shares whole parts with the snapshot that this one is derived from, and those that this version does not know;
   * copies them where the disk cannot link. But for the files that are named.
   */
  inherit(parent: OpenSnapshot, parts: readonly SnapshotPart[], without: readonly string[] = []): void {
    const names = Object.keys(parent.manifest.files).filter(
      (name) =>
        (isOfUnknownPart(name) || parts.some((part) => name.startsWith(`${part}/`))) &&
        !without.includes(name),
    );
    let copied = 0;
    for (const name of names) {
      if (this.#context.signal.aborted) throw abortError(this.#context.signal);
      const digest = parent.manifest.files[name]!;
      const from = join(parent.path, name);
      const to = this.#path(name);
      if (!linkFile(from, to, digest.bytes)) {
        copyFile(from, to, digest, parent.id);
        copied += digest.bytes;
      }
      this.#add(name, digest);
    }
    if (copied === 0) return;
    const mebibytes = (copied / 2 ** 20).toFixed(1);
    const message = `${mebibytes} MiB of snapshot ${parent.id} were copied, not shared by hard links: its files belong to another user, or the file system has no links`;
    this.#context.onProgress({ kind: 'warning', message });
  }

  /**
   * Seals the snapshot, gives it its id, and points `latest` (and the tag) to it. Where that id exists by now and is
   * whole, this draft is dropped; where it is damaged and nobody uses it, it is moved to the trash. Whatever fails
   * before the id is there leaves nothing behind, but for one case: a draft that the machine did not let be checked is
   * complete, and kept (unchecked.ts). Whoever commits has closed what takes memory: the check needs some too.
   */
  async commit(content: ManifestContent, tag?: string): Promise<CommittedSnapshot> {
    const { id } = content;
    const manifest = completeManifest(content, this.#files, this.#shards);
    const check = async (): Promise<void> => {
      try {
        await sendCanary(this.directory, manifest, this.#context);
      } catch (error) {
        throw error instanceof AppError && error.code === 'unchecked' ? this.#keep(id, error) : error;
      }
    };
    const existed = await this.#show(manifest, check, () => {
      dropUnchecked(this.#root, id);
      markLatest(this.#root, id, tag);
    });
    return { id, path: rootPath.snapshot(this.#root, id), existed, manifest };
  }

  /**
   * Makes a draft without files the bundle, unless it is there already. `latest` does not name it: it was made of what was
   * there. `use` is called under its lease; whoever holds leases on its members knows them to be whole.
   */
  async commitBundle(bundle: BundleManifest, use: () => void): Promise<void> {
    await this.#show(bundle, () => Promise.resolve(), use);
  }

  /** Seals the draft, has it checked, gives it its id, and lets `link` lead to it under its lease. */
  async #show(manifest: AnyManifest, check: () => Promise<void>, link: () => void): Promise<boolean> {
    if (this.#state !== 'open') throw new Error(`the draft was ${this.#state} already`);
    const leases: { release(): void }[] = [];
    try {
      const text = [Buffer.from(manifestText(manifest))];
      // A group that shares the root may lock it against readers, for which it has to be able to write.
      writeDurableFile(join(this.directory, snapshotFile.manifest), text, undefined, 0o464);
      this.#sealDirectories();
      leases.push(leaseOnOwn(this.directory));
      await check();
      if (this.#context.signal.aborted) throw abortError(this.#context.signal);
      const visible = await makeVisible(this.#root, this.directory, manifest.id, this.#context);
      leases.push(visible);
      if (!visible.existed) this.#end('committed');
      link();
      return visible.existed;
    } finally {
      for (const lease of leases) lease.release();
      this.abandon();
    }
  }

  /** Leaves the complete draft to the next run of the same command. Returns the error that says so. */
  #keep(id: string, error: AppError): AppError {
    if (!keepDraft(this.#root, this.directory, id)) return error;
    this.#end('kept');
    return keptError(error);
  }

  #end(state: 'committed' | 'kept'): void {
    this.#state = state;
    this.#lock.release();
  }

  /** Removes what was written, as far as the disk lets it; the next draft's start removes the rest. */
  abandon(): void {
    if (this.#state !== 'open') return;
    this.#state = 'abandoned';
    try {
      unlessRefused(() => rmSync(this.directory, { recursive: true, force: true }));
    } finally {
      this.#lock.release();
    }
  }

  #add(name: string, digest: FileDigest): FileDigest {
    if (this.#files.has(name)) throw new Error(`${name} was written twice`);
    this.#files.set(name, digest);
    return digest;
  }

  /** The entries of every directory durable, from the innermost out, and then its own for whoever the umask says. */
  #sealDirectories(): void {
    const directories = new Set([this.directory]);
    for (const name of this.#files.keys()) {
      for (let at = dirname(name); at !== '.'; at = dirname(at)) directories.add(join(this.directory, at));
    }
    orMachineError(`finish ${this.directory}`, () => {
      for (const directory of [...directories].sort().reverse()) {
        if (directory === this.directory) chmodSync(directory, this.#mode);
        fsyncDirectory(directory);
      }
    });
  }
}

/**
 * A hard link to the very file that was verified; false where the file system has no links, or the kernel refuses one to
 * another user's file that this one may not write (fs.protected_hardlinks).
 */
function linkFile(from: string, to: string, bytes: number): boolean {
  try {
    linkSync(from, to);
  } catch (error) {
    const errno = errnoOf(error);
    const refused = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES'];
    if (errno !== undefined && refused.includes(errno)) return false;
    throw machineError(error, `link ${from} to ${to}`);
  }
  const stat = lstatSync(to);
  if (stat.isFile() && stat.size === bytes) return true;
  throw new AppError('damaged-snapshot', `${from} changed while it was linked`, { details: { file: from } });
}

function copyFile(from: string, to: string, wanted: FileDigest, id: string): void {
  orMachineError(`copy ${from} to ${to}`, () =>
    copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE),
  );
  const got = sealFile(to);
  if (got.sha256 === wanted.sha256 && got.bytes === wanted.bytes) return;
  throw new AppError(
    'damaged-snapshot',
    `snapshot ${id} is damaged: ${from} has another sha256 than its manifest`,
    {
      details: { file: from, got: got.sha256, wanted: wanted.sha256 },
    },
  );
}
