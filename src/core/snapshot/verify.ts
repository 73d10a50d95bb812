/**
 * Verifying a snapshot: exactly the files of its manifest, regular, of the stated size, with the stated sha256. Native
 * libraries crash the process on a damaged file, so nothing is opened by one before this.
 */
import { lstatSync, readdirSync, type BigIntStats } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { TaskContext } from '../contracts.js';
import { AppError, errnoOf, machineError, orMachineError } from '../errors.js';
import { openHashLanes, type HashLane } from '../files/hash-lanes.js';
import { kindOf } from '../files/safe-open.js';
import type { FileDigest, HashFileOptions } from '../files/sha256.js';
import { damagedFile } from './damaged-file.js';
import { isOfFinder, snapshotFile, storeLockSuffix } from './layout.js';
import type { AnyManifest } from './manifest.js';
import { identityOf, type FileIdentities } from './stamp.js';

export interface VerifyOptions {
  /** Told of each file that is not as it should be, in the manifest's order; without it the first one is thrown. */
  readonly onDamage?: (damage: AppError) => void;
  /** By identity the sha256 of files that were hashed moments ago: snapshots share files. More are added. */
  readonly hashes?: Map<string, string>;
  /** That hash; by the size of the files by default. The outcome does not depend on it. */
  readonly threads?: number;
}

/** A thread takes some 40 ms to start, and hashes this much in twice that. */
const threadsPayFromBytes = 256 << 20;
/** Each holds 40 MiB, and more would wait for the disk. */
const mostThreads = 4;

/**
 * Verifies every file below `directory` against the manifest, at the speed of sha256, and returns the identities that
 * a stamp holds, of the files that are as they should be. Throws damaged-snapshot, naming the file and what was got and
 * wanted: one that is not there or has not its size before one that has not its sha256; machine errors.
 */
export async function verifyFiles(
  directory: string,
  manifest: AnyManifest,
  context: TaskContext,
  { onDamage, hashes = new Map<string, string>(), threads }: VerifyOptions = {},
): Promise<FileIdentities> {
  const tell = onDamage ?? throwIt;
  const found = new FoundFiles(directory, manifest);
  const unusable = found.checkEntries('', tell);
  const identities = new Map<string, string>();
  const damage = new Map<string, AppError>();
  for (const path of Object.keys(manifest.files)) {
    if (unusable.some((name) => path === name || (isBelow(name) && path.startsWith(name)))) continue;
    try {
      identities.set(path, found.identityOfSize(path));
    } catch (error) {
      if (!(error instanceof AppError) || onDamage === undefined) throw error;
      damage.set(path, error);
    }
  }
  const total = totalBytes(manifest);
  let done = 0;
  const onBytes = (count: number): void => {
    done += count;
    context.onProgress({ kind: 'step', phase: `checking ${manifest.id}`, done, total, unit: 'bytes' });
  };
  const files = [...identities].map(([path, identity], at) => ({
    ...{ path, identity, at },
    bytes: manifest.files[path]!.bytes,
  }));
  const others = total - files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (others > 0) onBytes(others);
  const check = (file: SizedFile, lane: HashLane): Promise<void> =>
    found.checkSum(file, { ...context, lane, onBytes, hashes });
  const unhashed = files.filter(({ identity }) => !hashes.has(identity));
  const lanes = openHashLanes(threads ?? threadsFor(unhashed));
  try {
    await checkAll(files, lanes, check, (file, error) => {
      // An interrupt is no damage. A file that the disk will not give back is.
      if (!(error instanceof AppError) || context.signal.aborted) throw error;
      damage.set(file.path, error);
      return onDamage !== undefined;
    });
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
  for (const path of Object.keys(manifest.files)) {
    const problem = damage.get(path);
    if (problem === undefined) continue;
    identities.delete(path);
    tell(problem);
  }
  return identities;
}

/** A file of the stated size, and its place in the manifest. */
interface SizedFile {
  readonly path: string;
  readonly identity: string;
  readonly at: number;
  readonly bytes: number;
}

function threadsFor(files: readonly SizedFile[]): number {
  if (files.reduce((sum, { bytes }) => sum + bytes, 0) < threadsPayFromBytes) return 1;
  return Math.min(availableParallelism(), mostThreads, files.length);
}

/**
 * Every lane checks the next file that waits. Where that throws, `failed` is called, and says whether all the others are
 * to be checked still; else only those before it in the manifest are. Throws what `failed` throws.
 */
async function checkAll(
  files: readonly SizedFile[],
  lanes: readonly HashLane[],
  check: (file: SizedFile, lane: HashLane) => Promise<void>,
  failed: (file: SizedFile, error: unknown) => boolean,
): Promise<void> {
  // The largest first, so that no lane is left with it in the end.
  const waiting = lanes.length > 1 ? files.toSorted((a, b) => b.bytes - a.bytes) : [...files];
  let end = Infinity;
  const work = async (lane: HashLane): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      if (file.at > end) continue;
      try {
        await check(file, lane);
      } catch (error) {
        if (!failed(file, error)) end = Math.min(end, file.at);
      }
    }
  };
  const ends = await Promise.allSettled(lanes.map(work));
  for (const one of ends) if (one.status === 'rejected') throw one.reason;
}

/** Whether a name of `checkEntries` stands for all that is below it; '' is the snapshot itself. */
function isBelow(name: string): boolean {
  return name === '' || name.endsWith('/');
}

function throwIt(damage: AppError): never {
  throw damage;
}

interface SumCheck {
  readonly signal: AbortSignal;
  readonly lane: HashLane;
  readonly onBytes: (count: number) => void;
  readonly hashes: Map<string, string>;
}

/** What stands in a snapshot's directory, held against its manifest. */
class FoundFiles {
  readonly #directory: string;
  readonly #manifest: AnyManifest;

  constructor(directory: string, manifest: AnyManifest) {
    this.#directory = directory;
    this.#manifest = manifest;
  }

  /** The identity of a file that has the size that the manifest states; throws where it has not. */
  identityOfSize(path: string): string {
    const stat = this.#statOf(path);
    const { bytes } = this.#manifest.files[path]!;
    if (stat.size === BigInt(bytes)) return identityOf(stat);
    throw this.#damaged(path, `it has ${stat.size} bytes, the manifest states ${bytes}`);
  }

  /** Throws unless the file has the sha256 that the manifest states, and did not change meanwhile. */
  async checkSum(
    { path, identity, bytes }: SizedFile,
    { signal, lane, onBytes, hashes }: SumCheck,
  ): Promise<void> {
    const wanted = this.#manifest.files[path]!.sha256;
    let sha256 = hashes.get(identity);
    if (sha256 === undefined) sha256 = (await this.#hashOf(path, lane, { signal, onBytes })).sha256;
    else onBytes(bytes);
    if (sha256 !== wanted) {
      const what = `its sha256 is ${sha256}, the manifest states ${wanted}`;
      throw this.#damaged(path, what, { got: sha256, wanted });
    }
    if (identityOf(this.#statOf(path)) !== identity)
      throw this.#damaged(path, 'it changed while it was read');
    hashes.set(identity, sha256);
  }

  /**
   * Tells of every entry below `below` that the manifest does not name, and of every directory that is not there, or is
   * none. Returns what cannot be read, directories with a '/' at their end: nothing below them may be looked at.
   */
  checkEntries(below: string, onDamage: (damage: AppError) => void): string[] {
    const { files } = this.#manifest;
    const paths = Object.keys(files).filter((path) => path.startsWith(below));
    const wanted = new Set(paths.map((path) => path.slice(below.length).split('/', 1)[0]!));
    if (below === '') wanted.add(snapshotFile.manifest);
    let entries: string[];
    try {
      entries = this.#entriesOf(below);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      onDamage(error);
      return [below];
    }
    const isDirectory = (path: string): boolean =>
      !Object.hasOwn(files, path) && path !== snapshotFile.manifest;
    const unusable: string[] = [];
    for (const entry of entries) {
      const path = below + entry;
      if (wanted.delete(entry)) {
        if (isDirectory(path)) unusable.push(...this.checkEntries(`${path}/`, onDamage));
      } else if (!this.#isStoreLock(path) && !this.#isFinderFile(path, entry)) {
        onDamage(this.#damaged(path, 'the manifest does not name it'));
      }
    }
    for (const entry of wanted) {
      const path = below + entry;
      onDamage(this.#damaged(path, 'it is missing'));
      unusable.push(isDirectory(path) ? `${path}/` : path);
    }
    return unusable;
  }

  /** `below` is '' or ends with '/', which lstat would take as leave to follow a link. */
  #entriesOf(below: string): string[] {
    const name = below.slice(0, -1);
    const path = join(this.#directory, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) throw this.#damaged(name, 'it is missing');
    if (!stat.isDirectory()) throw this.#damaged(name, `it is ${kindOf(stat)}, not a directory`);
    return orMachineError(`list ${path}`, () => readdirSync(path).sort());
  }

  #isFinderFile(path: string, entry: string): boolean {
    if (!isOfFinder(entry)) return false;
    return lstatSync(join(this.#directory, path), { throwIfNoEntry: false })?.isFile() !== false;
  }

  #isStoreLock(path: string): boolean {
    if (!path.endsWith(storeLockSuffix)) return false;
    return Object.hasOwn(this.#manifest.files, path.slice(0, -storeLockSuffix.length));
  }

  #statOf(path: string): BigIntStats {
    const stat = lstatSync(join(this.#directory, path), { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) throw this.#damaged(path, 'it is missing');
    if (!stat.isFile()) throw this.#damaged(path, `it is ${kindOf(stat)}, not a regular file`);
    return stat;
  }

  async #hashOf(path: string, lane: HashLane, options: HashFileOptions): Promise<FileDigest> {
    try {
      return await lane.hash(join(this.#directory, path), options);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') throw this.#damaged(path, 'it is missing');
      throw machineError(error, `read ${join(this.#directory, path)}`);
    }
  }

  #damaged(path: string, what: string, details?: Readonly<Record<string, unknown>>): AppError {
    return damagedFile(this.#manifest.id, path, what, details);
  }
}

/** Bytes of all files. */
export function totalBytes(manifest: AnyManifest): number {
  return Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
}
