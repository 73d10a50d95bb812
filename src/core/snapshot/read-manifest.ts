/**
 * Reading a manifest that may be anything: another program's file, a newer format, damaged, or made to do harm. What
 * it returns has the shape it claims, names only files below the snapshot, and has the checksum it states.
 */
import { fstatSync, readFileSync } from 'node:fs';
import { AppError, errnoOf, machineError, orMachineError } from '../errors.js';
import { closingFile, openRegularFile } from '../files/safe-open.js';
import { bundleProblem, isBundle } from './bundle.js';
import type { JsonValue } from './canonical-json.js';
import { groupedKinds, idPattern, mostShards, shardDirectory, snapshotFile } from './layout.js';
import {
  addedVersion,
  bundleVersion,
  checksumOf,
  largeVersion,
  manifestFormat,
  manifestText,
  shardDigest,
} from './manifest.js';
import type { AnyManifest, BundleManifest, Manifest } from './manifest.js';
import { formatVersion } from './snapshot-id.js';

/** Ours have a few thousand bytes. */
const maxBytes = 4 << 20;
const maxDepth = 32;
const maxFiles = 10_000;

type Fields = Readonly<Record<string, JsonValue | undefined>>;

const sha256Pattern = /^[0-9a-f]{64}$/;
/** One to four names without a leading dot: no '..', no absolute path, no control character, nothing hidden. */
const filePattern = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\/){0,3}[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;
const metricPattern = /^[a-zA-Z][a-zA-Z0-9@._-]{0,63}$/;

/** Reads the manifest of a snapshot at `path`; that of a bundle is damage. Throws as readAnyManifest. */
export function readManifest(path: string): Manifest {
  return ofSnapshot(readAnyManifest(path), path);
}

/** Reads the manifest at `path`. Throws AppErrors: not-a-snapshot, newer-format, damaged-snapshot, machine errors. */
export function readAnyManifest(path: string): AnyManifest {
  let fd: number;
  try {
    fd = openRegularFile(path);
  } catch (error) {
    if (error instanceof AppError) throw damaged(path, error.message);
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') throw damaged(path, 'it is missing');
    throw machineError(error, `read ${path}`);
  }
  return closingFile(fd, () => readManifestFrom(fd, path));
}

/** The same from an open file; `path` is for messages. */
export function readManifestFrom(fd: number, path: string): AnyManifest {
  const { size } = fstatSync(fd);
  if (size > maxBytes) throw damaged(path, `it has ${size} bytes, ${maxBytes} at most were expected`);
  const text = orMachineError(`read ${path}`, () => readFileSync(fd, 'utf8'));
  return parseAnyManifest(text, path);
}

/** Parses the text of a snapshot's manifest; `path` is for messages. */
export function parseManifest(text: string, path: string): Manifest {
  return ofSnapshot(parseAnyManifest(text, path), path);
}

function ofSnapshot(manifest: AnyManifest, path: string): Manifest {
  if (isBundle(manifest)) throw damaged(path, 'it is that of a bundle');
  return manifest;
}

function parseAnyManifest(text: string, path: string): AnyManifest {
  if (depthOf(text) > maxDepth) throw damaged(path, `it is nested more than ${maxDepth} levels deep`);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw damaged(path, 'it is not JSON');
  }
  if (!isFields(value) || value['format'] !== manifestFormat) {
    throw new AppError(
      'not-a-snapshot',
      `${path} is not a manifest of segue's: its format is not "${manifestFormat}"`,
      {
        details: { file: path },
      },
    );
  }
  const manifest = readerOf(value, path)(value, path);
  const checksum = checksumOf(value as unknown as Manifest);
  if (manifest.checksum !== checksum) {
    throw damaged(path, `its checksum is ${checksum}, it states ${manifest.checksum}`);
  }
  // Also refuses what JSON.parse forgives: repeated keys, other white space, other spellings of a number.
  if (manifestText(value as unknown as Manifest) !== text)
    throw damaged(path, 'it is not formatted as segue writes it');
  return manifest;
}

/** Checks the fields of a version's manifest, and gives what they say in the form that the rest of segue knows. */
type ManifestReader = (fields: Fields, path: string) => AnyManifest;

/** By format version. A new version adds its reader here, and the older ones stay. */
const readers: ReadonlyMap<number, ManifestReader> = new Map<number, ManifestReader>([
  [formatVersion, readVersion1],
  [bundleVersion, readBundle],
  [largeVersion, readVersion3],
  [addedVersion, readVersion4],
]);
const newestVersion = addedVersion;

/** Throws newer-format for a version yet to come, not-a-snapshot for what never was one. */
function readerOf(fields: Fields, path: string): ManifestReader {
  const version = fields['formatVersion'];
  const reader = typeof version === 'number' ? readers.get(version) : undefined;
  if (reader !== undefined) return reader;
  if (Number.isSafeInteger(version) && Number(version) > newestVersion) {
    const message = `${path} has format version ${Number(version)}; this segue reads versions up to ${newestVersion}`;
    throw new AppError('newer-format', message, {
      suggestions: ['use the version of segue that made the snapshot, or a later one'],
      details: { file: path, formatVersion: version, supported: newestVersion },
    });
  }
  const got = version === undefined ? 'none' : JSON.stringify(version).slice(0, 80);
  throw new AppError(
    'not-a-snapshot',
    `${path} is not a manifest of segue's: its format version is ${got}, wanted a whole number from 1 on`,
    { details: { file: path } },
  );
}

function readVersion1(fields: Fields, path: string): Manifest {
  const problem = problemOf(fields);
  if (problem !== undefined) throw damaged(path, problem);
  return fields as unknown as Manifest;
}

/** Version 1, but for where users are. */
function readVersion3(fields: Fields, path: string): Manifest {
  const manifest = readVersion1(fields, path);
  const problem = problemOfShards(manifest);
  if (problem !== undefined) throw damaged(path, problem);
  return manifest;
}

/** Version 1, or 3 where there are shards, with items that were not trained. */
function readVersion4(fields: Fields, path: string): Manifest {
  const manifest = readVersion1(fields, path);
  if (manifest.model.added === undefined) throw damaged(path, '"added" is missing');
  const problem = manifest.users?.shards === undefined ? undefined : problemOfShards(manifest);
  if (problem !== undefined) throw damaged(path, problem);
  return manifest;
}

function readBundle(fields: Fields, path: string): BundleManifest {
  const problem = bundleProblem(fields);
  if (problem !== undefined) throw damaged(path, problem);
  return fields as unknown as BundleManifest;
}

/** What is wrong with the fields of version 1, or undefined. What it does not know is left alone. */
function problemOf(manifest: Fields): string | undefined {
  const check = new FieldCheck();
  check.id(manifest, 'id');
  check.id(manifest, 'basis');
  if (manifest['parent'] !== null) check.id(manifest, 'parent');
  check.require(typeof manifest['checksum'] === 'string', 'checksum', 'a string');

  const inputs = check.section(manifest, 'inputs');
  const interactions = check.section(inputs, 'interactions');
  check.sha256(interactions, 'sha256');
  for (const name of ['events', 'users', 'items', 'pairs']) check.count(interactions, name);
  for (const name of ['firstAt', 'lastAt']) if (interactions[name] !== null) check.text(interactions, name);
  if (inputs['items'] !== null) {
    const items = check.section(inputs, 'items');
    check.sha256(items, 'sha256');
    check.count(items, 'rows');
  }
  if (inputs['feedback'] !== undefined) {
    const feedback = check.section(inputs, 'feedback');
    check.id(feedback, 'ledger');
    check.count(feedback, 'seq');
  }

  const model = check.section(manifest, 'model');
  for (const name of ['name', 'scorer', 'fold', 'engine', 'caseFolding']) check.text(model, name);
  for (const name of ['algorithmVersion', 'seed', 'dim']) check.count(model, name);
  check.section(model, 'options');
  if (model['parameters'] !== undefined) check.section(model, 'parameters');
  if (model['blend'] !== undefined) {
    const blend = check.section(model, 'blend');
    for (const name of ['name', 'scorer']) check.text(blend, name);
    check.count(blend, 'algorithmVersion');
    check.section(blend, 'options');
    if (blend['parameters'] !== undefined) check.section(blend, 'parameters');
  }
  if (model['added'] !== undefined) {
    const added = check.section(model, 'added');
    check.sha256(added, 'sha256');
    check.count(added, 'rows');
    const isFewer =
      manifest['formatVersion'] === addedVersion && Number(added['rows']) < Number(interactions['items']);
    check.require(isFewer, 'added', `fewer rows than items, in a manifest of version ${addedVersion}`);
  }
  if (model['kinds'] !== undefined) {
    const kinds = check.section(model, 'kinds');
    for (const kind of groupedKinds.filter((name) => Object.hasOwn(kinds, name))) {
      for (const name of ['version', 'rows', 'vectors']) check.count(check.section(kinds, kind), name);
    }
  }

  if (manifest['users'] !== null) {
    const users = check.section(manifest, 'users');
    for (const name of ['rows', 'unconverged']) check.count(users, name);
    if (users['imported'] !== undefined) check.count(users, 'imported');
    check.section(users, 'options');
  }
  if (manifest['index'] !== null) {
    const index = check.section(check.section(manifest, 'index'), 'item');
    for (const name of ['kind', 'encoding']) check.text(index, name);
    for (const name of ['lists', 'probes', 'sampled']) check.count(index, name);
    check.probes(index, index);
    for (const name of ['targetRecall', 'recallAt10']) check.number(index, name);
    check.section(index, 'options');
    // Added since: an older segue did not write them.
    if (index['recallInterval'] !== undefined) check.interval(index, 'recallInterval');
    if (index['regionGap'] !== undefined) check.gap(index);
    if (index['at100'] !== undefined) {
      const at100 = check.section(index, 'at100');
      for (const name of ['probes', 'sampled']) check.count(at100, name);
      check.probes(at100, index);
      check.gap(at100);
      check.number(at100, 'recall');
      check.interval(at100, 'recallInterval');
    }
  }

  const metrics = check.section(manifest, 'metrics');
  for (const name of Object.keys(metrics)) {
    check.require(metricPattern.test(name), 'metrics', 'names of letters, digits, "@", ".", "_" and "-"');
    check.number(metrics, name);
  }
  const files = check.section(manifest, 'files');
  const paths = Object.keys(files);
  check.require(paths.length <= maxFiles, 'files', `${maxFiles} entries at most`);
  for (const path of paths.slice(0, maxFiles)) {
    const allowed = filePattern.test(path) && path !== snapshotFile.manifest;
    check.require(allowed, 'files', `paths below the snapshot, not ${JSON.stringify(path.slice(0, 80))}`);
    const entry = check.section(files, path);
    check.count(entry, 'bytes');
    check.sha256(entry, 'sha256');
  }
  return check.problem;
}

/** What is wrong with the shards of users that a manifest of version 3 states, or undefined. */
function problemOfShards({ files, users }: Manifest): string | undefined {
  const check = new FieldCheck();
  const shards: unknown = users?.shards;
  const count = Array.isArray(shards) ? shards.length : 0;
  const isPower = count >= 2 && count <= mostShards && (count & (count - 1)) === 0;
  const wanted = `a power of two of shards, from 2 to ${mostShards}`;
  if (!Array.isArray(shards) || !isPower) return `"shards" is not what was wanted: ${wanted}`;
  let rows = 0;
  for (const [at, shard] of shards.entries()) {
    const fields = check.section({ [at]: shard as JsonValue }, String(at));
    for (const name of ['rows', 'pairs']) check.count(fields, name);
    check.sha256(fields, 'sha256');
    rows += Number(fields['rows']);
    const digest = shardDigest(files, at);
    check.require(fields['sha256'] === digest, `shards[${at}]`, `the sha256 ${digest}, that of its files`);
  }
  check.require(rows === users?.rows, 'shards', `${String(users?.rows)} rows in all`);
  const paths = Object.keys(files).filter((path) => path.startsWith('users/'));
  const inShards = paths.every((path) => shards.some((_, at) => path.startsWith(shardDirectory(at))));
  check.require(inShards, 'files', 'files of users in their shards only');
  return check.problem;
}

/** Keeps the first value that is not as wanted. */
class FieldCheck {
  problem: string | undefined;

  require(holds: boolean, name: string, wanted: string): void {
    if (!holds) this.problem ??= `"${name}" is not what was wanted: ${wanted}`;
  }

  section(fields: Fields, name: string): Fields {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (isFields(value)) return value;
    this.require(false, name, 'an object');
    return {};
  }

  text(fields: Fields, name: string): void {
    const value = fields[name];
    this.require(typeof value === 'string' && value.length <= 1000, name, 'a short string');
  }

  id(fields: Fields, name: string): void {
    const value = fields[name];
    this.require(typeof value === 'string' && idPattern.test(value), name, '16 hexadecimal digits');
  }

  sha256(fields: Fields, name: string): void {
    const value = fields[name];
    this.require(typeof value === 'string' && sha256Pattern.test(value), name, '64 hexadecimal digits');
  }

  count(fields: Fields, name: string): void {
    this.require(
      Number.isSafeInteger(fields[name]) && Number(fields[name]) >= 0,
      name,
      'a whole number from 0 on',
    );
  }

  /** A search looks into one of the lists at least: it would look for ever into none. */
  probes({ probes }: Fields, { kind, lists }: Fields): void {
    if (kind !== 'ivf') return;
    const most = Math.max(1, Number(lists));
    this.require(Number(probes) >= 1 && Number(probes) <= most, 'probes', `a whole number from 1 to ${most}`);
  }

  gap(fields: Fields): void {
    const { regionGap } = fields;
    this.require(Number.isFinite(regionGap) && Number(regionGap) >= 0, 'regionGap', 'a number from 0 on');
  }

  interval(fields: Fields, name: string): void {
    const value = fields[name];
    const isPair = Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
    this.require(isPair, name, 'two numbers');
  }

  number(fields: Fields, name: string): void {
    this.require(Number.isFinite(fields[name]), name, 'a number');
  }
}

function isFields(value: JsonValue | undefined): value is Fields & JsonValue {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, '__proto__')
  );
}

/** How deep brackets nest outside of strings; deep nesting would overflow the stack of whoever walks the value. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}

function damaged(path: string, what: string): AppError {
  return new AppError('damaged-snapshot', `damaged snapshot: ${path}: ${what}`, {
    suggestions: ['make the snapshot again, or publish another one'],
    details: { file: path },
  });
}
