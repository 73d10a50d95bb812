/**
 * From what a user calls a snapshot to its id. The only place that reads the links of a root; it reads their text and
 * follows none of them, so a link that segue did not make leads nowhere.
 */
import { lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { AppError, errnoOf, machineError } from '../errors.js';
import { kindOf } from '../files/safe-open.js';
import { publishedBefore, readHistory } from './publication-log.js';
import {
  currentName,
  idPattern,
  idPrefixPattern,
  isTag,
  latestName,
  linkTarget,
  previousName,
  rootPath,
  tagTarget,
} from './layout.js';

/**
 * The id that a reference names: `current`, `latest`, `previous`, a tag, an id, or the beginning of one. Its snapshot
 * was there a moment ago. Throws bad-usage, snapshot-not-found, damaged-root.
 */
export function resolveReference(root: string, reference: string): string {
  if (reference === currentName) {
    const id = readCurrent(root);
    if (id === undefined) throw nothingPublished(root);
    return linkedSnapshot(root, rootPath.current(root), id);
  }
  if (reference === latestName) {
    const id = readLatest(root);
    if (id === undefined) throw notFound(root, `no snapshot has been made in ${root} yet`);
    return linkedSnapshot(root, rootPath.latest(root), id);
  }
  if (reference === previousName) return previousId(root);
  if (idPrefixPattern.test(reference)) return idBeginningWith(root, reference);
  if (isTag(reference)) {
    return linkedSnapshot(root, rootPath.tag(root, reference), requireTagged(root, reference));
  }
  const wanted = 'wanted current, latest, previous, a tag, an id, or the first 4 digits of an id or more';
  throw new AppError(
    'bad-usage',
    `${JSON.stringify(reference.slice(0, 80))} cannot name a snapshot: ${wanted}`,
  );
}

/** What a command without a reference works on. */
export interface DefaultReference {
  readonly reference: string;
  /** For people: why it is not the usual one. */
  readonly note?: string;
}

/** Readers take `current`, or `latest` while nothing is published. */
export function defaultForReading(root: string): DefaultReference {
  if (readCurrent(root) !== undefined) return { reference: currentName };
  const latest = readLatest(root);
  if (latest === undefined) throw nothingPublished(root);
  return { reference: latestName, note: `nothing is published yet: this is the latest snapshot, ${latest}` };
}

/** The id in `current`, or undefined where nothing is published. Throws damaged-root, saying what else is there. */
export function readCurrent(root: string): string | undefined {
  return readLink(root, rootPath.current(root), 'root');
}

/** All that the links of a root name. What is wrong with one does not hide the others. */
export interface RootLinks {
  readonly current: string | undefined;
  readonly previous: string | undefined;
  readonly latest: string | undefined;
  /** The id of each tag, by name. */
  readonly tags: ReadonlyMap<string, string>;
  readonly problems: readonly AppError[];
}

/** What a snapshot is called beside its id. */
export interface SnapshotNames {
  readonly current: boolean;
  /** What was current before. */
  readonly previous: boolean;
  readonly latest: boolean;
  readonly tags: readonly string[];
}

/** Which of a root's links name a snapshot. */
export function namesOf(id: string, { current, previous, latest, tags }: RootLinks): SnapshotNames {
  return {
    ...{ current: current === id, previous: previous === id, latest: latest === id },
    tags: [...tags].filter(([, tagged]) => tagged === id).map(([tag]) => tag),
  };
}

/** Reads every link of a root, and that of every tag. */
export function readLinks(root: string): RootLinks {
  const problems: AppError[] = [];
  const read = (get: () => string | undefined): string | undefined => {
    try {
      return get();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  /** A link whose snapshot is gone names nothing. */
  const there = (link: string, id: string | undefined): string | undefined =>
    id === undefined ? undefined : linkedSnapshot(root, link, id);
  const current = read(() => there(rootPath.current(root), readCurrent(root)));
  const latest = read(() => there(rootPath.latest(root), readLatest(root)));
  const previous = read(() => publishedBefore(readHistory(root), current));
  const tags = new Map<string, string>();
  for (const tag of listTags(root)) {
    const id = read(() => there(rootPath.tag(root, tag), readTag(root, tag)));
    if (id !== undefined) tags.set(tag, id);
  }
  return { current, previous, latest, tags, problems };
}

/** The id in `latest`, or undefined where nothing has been made. Throws damaged-root. */
export function readLatest(root: string): string | undefined {
  return readLink(root, rootPath.latest(root), 'root');
}

/** The id that a tag names, whether its snapshot is there or not; undefined where there is no such tag. Throws damaged-root. */
export function readTag(root: string, tag: string): string | undefined {
  return readLink(root, rootPath.tag(root, tag), 'tags');
}

/** The same where there must be one. Throws snapshot-not-found, damaged-root. */
export function requireTagged(root: string, tag: string): string {
  const id = readTag(root, tag);
  if (id === undefined) throw notFound(root, `no snapshot is tagged "${tag}" in ${root}`);
  return id;
}

/** The directory of a snapshot. Throws where it is missing, or is anything but a directory right below the root. */
export function snapshotDirectory(root: string, id: string): string {
  const path = rootPath.snapshot(root, id);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw notFound(root, `there is no snapshot ${id} in ${root}`);
  if (!stat.isDirectory())
    throw new AppError('damaged-root', `${path} is ${kindOf(stat)}, not a snapshot's directory`);
  // snapshots/ itself may be a link to elsewhere. The snapshot may be collected by now, which is for its lease to find.
  if (realpathSync(dirname(path)) !== join(realpathSync(root), dirname(linkTarget(id)))) {
    throw new AppError('damaged-root', `${path} lies outside of ${root}: it is reached through a link`);
  }
  return path;
}

/** The ids of all snapshots, sorted; none where the root does not exist. */
export function listSnapshotIds(root: string): string[] {
  return listNames(rootPath.snapshots(root)).filter((name) => idPattern.test(name));
}

/** The tags, sorted. */
function listTags(root: string): string[] {
  return listNames(rootPath.tags(root)).filter(isTag);
}

function previousId(root: string): string {
  const current = readCurrent(root);
  if (current === undefined) throw nothingPublished(root);
  const id = publishedBefore(readHistory(root), current);
  if (id === undefined) throw notFound(root, `nothing was published in ${root} before what is current`);
  if (lstatSync(rootPath.snapshot(root, id), { throwIfNoEntry: false }) === undefined) {
    throw notFound(root, `the snapshot ${id}, which was current before, is not in ${root} any more`);
  }
  snapshotDirectory(root, id);
  return id;
}

function idBeginningWith(root: string, prefix: string): string {
  if (idPattern.test(prefix)) {
    snapshotDirectory(root, prefix);
    return prefix;
  }
  const ids = listSnapshotIds(root).filter((id) => id.startsWith(prefix));
  if (ids.length > 1) {
    throw new AppError(
      'snapshot-not-found',
      `${ids.length} snapshots in ${root} begin with ${prefix}: ${ids.join(', ')}`,
      {
        suggestions: ['give more digits'],
        details: { candidates: ids },
      },
    );
  }
  const [id] = ids;
  if (id === undefined) throw notFound(root, `no snapshot in ${root} begins with ${prefix}`);
  snapshotDirectory(root, id);
  return id;
}

/** The id in the text of a link of ours, or undefined where there is no such entry. */
function readLink(root: string, link: string, place: 'root' | 'tags'): string | undefined {
  let target: string;
  try {
    target = readlinkSync(link);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return undefined;
    if (errno !== 'EINVAL') throw machineError(error, `read the link ${link}`);
    const stat = lstatSync(link);
    throw damagedLink(link, `is ${kindOf(stat)} where segue keeps a symbolic link; move it away`);
  }
  const id = idOfTarget(target, place);
  if (id !== undefined) return id;
  const wanted = `wanted a link to ${relative(root, rootPath.snapshots(root))}/ and an id`;
  if (isLoop(link)) throw damagedLink(link, `is a loop: a link to ${JSON.stringify(target)}`);
  throw damagedLink(link, `points outside of the snapshots, to ${JSON.stringify(target)}; ${wanted}`);
}

/** The id in the text of a link that segue made, or undefined for any other text. */
export function idOfTarget(target: string, place: 'root' | 'tags'): string | undefined {
  const prefix = place === 'root' ? linkTarget('') : tagTarget('');
  if (!target.startsWith(prefix)) return undefined;
  const id = target.slice(prefix.length);
  return idPattern.test(id) ? id : undefined;
}

function isLoop(link: string): boolean {
  try {
    statSync(link);
    return false;
  } catch (error) {
    return errnoOf(error) === 'ELOOP';
  }
}

function linkedSnapshot(root: string, link: string, id: string): string {
  if (lstatSync(rootPath.snapshot(root, id), { throwIfNoEntry: false }) === undefined) {
    throw damagedLink(link, `names the snapshot ${id}, which is not there`);
  }
  snapshotDirectory(root, id);
  return id;
}

function damagedLink(link: string, what: string): AppError {
  return new AppError('damaged-root', `${link} ${what}`, { details: { file: link } });
}

function nothingPublished(root: string): AppError {
  return notFound(root, `nothing is published in ${root} yet`, 'segue publish');
}

/** Says what there is instead, or how to make something; `suggestion` is for a root that holds snapshots. */
function notFound(root: string, what: string, suggestion?: string): AppError {
  const snapshots = listSnapshotIds(root);
  const tags = listTags(root);
  if (snapshots.length === 0) {
    return new AppError('snapshot-not-found', what, {
      suggestions: ['segue train EVENTS'],
      details: { snapshots, tags },
    });
  }
  const shown = snapshots.slice(0, 8).join(', ') + (snapshots.length > 8 ? ', …' : '');
  return new AppError('snapshot-not-found', `${what}; there are: ${[shown, ...tags].join(', ')}`, {
    suggestions: suggestion === undefined ? [] : [suggestion],
    details: { snapshots, tags },
  });
}

function listNames(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw machineError(error, `list ${directory}`);
  }
}
