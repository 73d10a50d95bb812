/** `segue follow`: events become vectors as they come, and what they said is kept. */
import { statSync } from 'node:fs';
import { Buffer } from 'node:buffer';
import type { TaskContext } from '../contracts.js';
import { AppError, refusedOption } from '../errors.js';
import { eventKeys, lookBy, type EventKeys, type JsonObject, type KeysLook } from '../events/event-keys.js';
import { namedProfile, type Profile } from '../events/relation/profile.js';
import { openOutputFile } from '../files/output-file.js';
import { parseDuration } from '../numeric/duration.js';
import type { AskedOf } from '../options/asked-of.js';
import { openFileSource } from '../realtime/file-source.js';
import { lookAtFirst, objectsOf } from '../realtime/first-lines.js';
import { follow, type FollowOptions, type FreshVector } from '../realtime/follower.js';
import { parseLearning } from '../realtime/learning.js';
import { holdsObjects, openSettledFile } from '../realtime/settled-file.js';
import { openStreamSource } from '../realtime/stream-source.js';
import type { FollowTotals } from '../realtime/step.js';

export type { FreshVector };

export type FollowEventsOptions = AskedOf<'followEvents'>;

export interface FollowedEvents extends FollowTotals {
  readonly state: string;
  readonly out: string | null;
}

const defaults = { everyMs: 100, dedupeForMs: 30 * 86_400_000 };
/** Some 40 MB of events, twice: those that wait, and those that are dealt with. */
const mostHeld = 100_000;

/** AppErrors as `follow`, and 'bad-usage' for options that do not go together. */
export async function followEvents(
  options: FollowEventsOptions,
  context: TaskContext,
): Promise<FollowedEvents> {
  const { root, as, out, force, state } = options;
  const path = options.follow ?? options.addEvents;
  if (path === undefined) {
    throw new AppError('bad-usage', 'no file of events is named', {
      suggestions: ['segue follow FILE --state DIR', 'segue follow --add-events FILE --state DIR'],
    });
  }
  if (state === undefined) {
    throw new AppError('bad-usage', 'events are kept in a directory, and none is named', {
      suggestions: ['`state` DIR'],
    });
  }
  if (options.write === undefined && (out ?? '-') === '-') {
    throw new AppError('bad-usage', 'lines of vectors are made, and nothing takes them', {
      suggestions: ['a function that takes them: write', '`out` FILE'],
    });
  }
  const isAdding = options.follow === undefined;
  const isNamed = options.format !== 'auto' && options.format !== 'lightgcn';
  const profile = isNamed ? await namedProfile(options.format) : undefined;
  const opening = await sourceOf(path, options, profile, context);
  const name = path === '-' ? 'standard input' : path;
  const isWhole = isAdding || options.once;
  const look = { ...options, profile, path: path === '-' ? undefined : path };
  // A whole file may be read by SQL, and then has the roles' own keys.
  const keys = keysOf(look, eventKeys(isWhole && profile?.select !== undefined ? {} : look));
  const file = out === undefined || out === '-' ? undefined : openOutput(out, force, options);
  try {
    const totals = await follow(
      {
        ...{ root, as, state },
        settings: {
          everyMs: duration('every', options.every) ?? defaults.everyMs,
          dedupeForMs: isAdding
            ? Infinity
            : (duration('dedupeFor', options.dedupeFor) ?? defaults.dedupeForMs),
          maxLagMs: duration('maxLag', options.maxLag),
          ...{ mostHeld, keys: keys.keys },
        },
        learning: parseLearning(options),
        name,
        openSource: opening,
        async look(events, areFirst) {
          const recognised = await keys.decide(objectsOf(events));
          if (recognised !== undefined)
            context.onProgress({ kind: 'note', message: `${name} is read as ${recognised}` });
          if (areFirst) lookAtFirst(events, { name, keys: keys.keys }, context);
        },
        json: options.json ?? JSON.stringify,
        write(lines) {
          if (file === undefined) return options.write?.(lines) ?? Promise.resolve();
          file.write(Buffer.from(lines));
          return Promise.resolve();
        },
        ...(file === undefined ? {} : { commit: () => file.commit() }),
      },
      context,
    );
    report(totals, state, context);
    return { ...totals, state, out: file === undefined ? null : file.path };
  } finally {
    file?.abandon();
  }
}

/** What the keys of lines are: it is decided by the first objects, before any is dealt with. */
function keysOf(
  look: KeysLook,
  undecided: EventKeys,
): {
  readonly keys: EventKeys;
  /** The profile that they are of, where it was recognised now. */
  decide(objects: readonly JsonObject[]): Promise<string | undefined>;
} {
  let keys = undecided;
  let deciding: Promise<KeysLook> | undefined;
  return {
    keys: (fields) => keys(fields),
    async decide(objects) {
      if (objects.length === 0) return undefined;
      const isFirst = deciding === undefined;
      const found = await (deciding ??= lookBy(objects, look));
      if (!isFirst) return undefined;
      keys = eventKeys(found, objects);
      return found.profile === look.profile ? undefined : found.profile?.id;
    },
  };
}

/** How the source is opened, once it is known what was dealt with. */
async function sourceOf(
  path: string,
  options: FollowEventsOptions,
  profile: Profile | undefined,
  context: TaskContext,
): Promise<FollowOptions['openSource']> {
  const { once, stream, stdin = process.stdin } = options;
  const onWarning = (message: string): void => context.onProgress({ kind: 'warning', message });
  // SQL is of whole files.
  const mayBeLines = options.sql === undefined && profile?.select === undefined;
  if (options.follow === undefined) {
    const isLines = mayBeLines && (await holdsObjects(path));
    return ({ known }) => openSettledFile(path, { ...options, isLines, refuseSeen: true }, context, known);
  }
  if (path === '-') {
    if (stream === undefined) {
      throw new AppError('bad-usage', 'standard input has no name by which its positions could be kept', {
        suggestions: ['`stream` NAME'],
      });
    }
    if (!/^[\w.:-]{1,64}$/.test(stream))
      throw refusedOption('stream', stream, '1 to 64 letters, digits, dots, colons, dashes or underscores');
    return () => openStreamSource(stream, stdin, onWarning);
  }
  if (!once) return (start) => openFileSource(path, { ...start, once, onWarning });
  // Where nothing is in it yet, the lines that were rotated away are read.
  const isText = mayBeLines && ((await holdsObjects(path)) || statSync(path).size === 0);
  return (start) =>
    isText
      ? openFileSource(path, { ...start, once, onWarning })
      : openSettledFile(path, { ...options, isLines: false, refuseSeen: false }, context, start.known);
}

function openOutput(out: string, force: boolean, { follow: path, once }: FollowEventsOptions) {
  if (path !== undefined && path !== '-' && !once) {
    throw new AppError('bad-usage', '`out` is for what ends: a file that is followed never does', {
      suggestions: ['read it as it is now: `once`', 'segue follow … >> FILE keeps the lines as they come'],
    });
  }
  return openOutputFile(out, { force });
}

/** '250ms', '10s', '30d' in ms. AppError 'bad-usage'. */
function duration(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,6}ms$/.test(text) ? Number(text.slice(0, -2)) : parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw refusedOption(option, text, 'a time such as 100ms, 10s, 12h or 30d');
}

function report(
  { events, deadLetters, repeated, leftOut }: FollowTotals,
  state: string,
  { onProgress }: TaskContext,
): void {
  const came = repeated === 0 ? '' : `; ${repeated} had come before`;
  onProgress({
    kind: 'note',
    message: `${events} ${events === 1 ? 'event was' : 'events were'} added to ${state}${came}`,
  });
  const left = Object.entries(leftOut).map(([what, lines]) => `${what} (${lines})`);
  if (left.length > 0) onProgress({ kind: 'note', message: `left out: ${left.join(', ')}` });
  if (deadLetters === 0) return;
  const message = `${deadLetters} ${deadLetters === 1 ? 'line is not an event' : 'lines are not events'}: ${state}/dead-letters.jsonl says which, and why`;
  onProgress({ kind: 'warning', message });
}
