/** The events of a request → entries, each or why it is none; all are looked at before the first is read. */
import { AppError } from '../errors.js';
import { entryRoles } from '../events/column-roles.js';
import { eventKeys, isObject, plainKeys, lookBy, type EventKeys } from '../events/event-keys.js';
import { namedProfile } from '../events/relation/profile.js';
import type { NewEntry } from '../ledger/entry.js';
import type { addEvents as operation } from '../options/operations.js';
import type { Asked } from '../options/option.js';
import { parseEvent, shown, type AcceptedTimes } from './event-line.js';

type Posted = NewEntry | { readonly problem: string; readonly key?: string };

/**
 * `format` is the profile that they were recognised as. AppErrors 'bad-usage' for what cannot be meant; a profile of a file is none of a
 * request, which names no files of the machine that serves.
 */
export async function parsePosted(
  all: readonly unknown[],
  { format, ...look }: Asked<typeof operation.options>,
  partition: string,
  times: AcceptedTimes,
): Promise<{ readonly parsed: readonly Posted[]; readonly format: string | undefined }> {
  if (/[/\\]|\.(?:yaml|yml|json)$|^lightgcn$/i.test(format))
    throw new AppError(
      'bad-usage',
      `\`format\` ${format} is of files; a request has a profile that comes with segue`,
    );
  const objects = all.filter(isObject);
  const named = format === 'auto' ? undefined : await namedProfile(format);
  const found = await lookBy(objects, { ...look, profile: named });
  const isSaid = Object.values({ ...look, profile: found.profile }).some((each) => each !== undefined);
  const keys = isSaid ? eventKeys(found, objects) : plainKeys;
  const parsed = all.map((each, offset) => parsePostedEvent(each, { partition, offset }, times, keys));
  return { parsed, format: found.profile === named ? undefined : found.profile?.id };
}

/** A key that is not read is refused, and named, unless it was said what keys are. */
function parsePostedEvent(
  fields: unknown,
  position: Parameters<typeof parseEvent>[1],
  times: AcceptedTimes,
  keys: EventKeys,
): Posted {
  if (!isObject(fields)) return { problem: 'is not a JSON object' };
  const keyed = keys(fields);
  if (typeof keyed === 'string') return { problem: keyed };
  const [key] = keyed.unread;
  const known = entryRoles.map(({ role }) => role).join(', ');
  if (key !== undefined && keys === plainKeys)
    return { problem: `has the key ${shown(key)}, which is not read; it may have ${known}`, key };
  const entry = parseEvent(keyed, position, times);
  if (typeof entry === 'string') return { problem: entry };
  return 'leftOut' in entry ? { problem: `is left out: ${entry.leftOut}` } : entry;
}
