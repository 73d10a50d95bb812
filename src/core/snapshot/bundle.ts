/**
 * A bundle: snapshots that are published together, each under a name. It is a snapshot's directory with nothing in it but
 * a manifest, so it has an id, is made current, tagged and collected like any other. Whoever reads it reads one member.
 */
import { AppError } from '../errors.js';
import { sha256Hex } from '../files/sha256.js';
import { canonicalJson, type JsonValue } from './canonical-json.js';
import { idPattern } from './layout.js';
import { bundleVersion, checksumOf, manifestFormat } from './manifest.js';
import type { AnyManifest, BundleManifest, Member } from './manifest.js';

const mostMembers = 64;
const namePattern = /^[a-z][a-z0-9._-]{0,63}$/;

/** The manifest of these members; its id says which they are, under which names, in which order. */
export function bundleOf(members: BundleManifest['members']): BundleManifest {
  const content = { format: manifestFormat, formatVersion: bundleVersion, files: {} } as const;
  const named = members.map(({ as, snapshot }) => ({ as, snapshot }));
  const id = sha256Hex(canonicalJson({ ...content, members: named })).slice(0, 16);
  const unsigned = { ...content, members, id };
  return { ...unsigned, checksum: checksumOf(unsigned) };
}

export function isBundle(manifest: AnyManifest): manifest is BundleManifest {
  return manifest.formatVersion === bundleVersion;
}

/** Throws 'bad-usage' for names that members cannot have, or not together. */
export function requireMemberNames(names: readonly string[]): void {
  const refuse = (what: string): never => {
    throw new AppError('bad-usage', what);
  };
  if (names.length === 0 || names.length > mostMembers)
    refuse(`a bundle has 1 to ${mostMembers} members, not ${names.length}`);
  for (const [at, name] of names.entries()) {
    if (!namePattern.test(name)) {
      const wanted =
        'wanted a lower-case letter and then letters, digits, ".", "_" or "-", 64 characters at most';
      refuse(`${JSON.stringify(name.slice(0, 80))} cannot name a member of a bundle: ${wanted}`);
    }
    if (names.indexOf(name) < at) refuse(`two members of a bundle cannot both be called ${name}`);
  }
}

/** The member with a name, the first without one. Throws 'bad-usage' where the bundle has no such member. */
export function memberOf({ id, members }: BundleManifest, as: string | undefined): Member {
  const found = as === undefined ? members[0] : members.find((member) => member.as === as);
  if (found !== undefined) return found;
  const names = members.map((member) => member.as);
  throw new AppError('bad-usage', `bundle ${id} has no ${JSON.stringify(as)}: it has ${names.join(', ')}`, {
    suggestions: names.map((name) => `\`as\` ${name}`),
    details: { bundle: id, members: names },
  });
}

/** The error of a member of what has none. */
export function noBundle(reference: string, id: string, as: string): AppError {
  const what = reference === id ? id : `${reference} (${id})`;
  return new AppError('bad-usage', `${what} is no bundle, so there is no ${JSON.stringify(as)} in it`, {
    suggestions: ['name a bundle, such as current, or leave `as` out'],
    details: { snapshot: id, option: 'as' },
  });
}

/** What is wrong with the fields of a bundle's manifest, or undefined. */
export function bundleProblem(fields: Readonly<Record<string, JsonValue | undefined>>): string | undefined {
  const { members } = fields;
  if (!Array.isArray(members) || !members.every(isMember))
    return '"members" is not what was wanted: a list of names and ids';
  try {
    requireMemberNames(members.map(({ as }) => as));
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  // All else follows from the members.
  const { id } = bundleOf(members);
  return fields['id'] === id ? undefined : `"id" is not what was wanted: ${id}, that of its members`;
}

function isMember(value: unknown): value is Member {
  if (typeof value !== 'object' || value === null || !('as' in value) || !('snapshot' in value)) return false;
  return typeof value.as === 'string' && typeof value.snapshot === 'string' && idPattern.test(value.snapshot);
}
