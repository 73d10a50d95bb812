/** What `publish` is given: one snapshot, or the members of a bundle as NAME=REF. */
import { AppError } from '../../core/errors.js';

interface WhatToPublish {
  readonly snapshot?: string | undefined;
  /** References by name. */
  readonly members?: Readonly<Record<string, string>>;
}

/** Throws bad-usage for several snapshots without names, and for a name that comes twice. */
export function whatToPublish(args: readonly string[] = []): WhatToPublish {
  const [first, ...others] = args;
  if (first === undefined || (others.length === 0 && !first.includes('='))) return { snapshot: first };
  const members = new Map<string, string>();
  for (const arg of args) {
    const [, name, reference] = /^([^=]*)=(.*)$/s.exec(arg) ?? [];
    if (name === undefined || reference === undefined || reference === '') {
      const what = name === undefined ? 'of several snapshots each needs a name' : 'it names no snapshot';
      throw new AppError('bad-usage', `${JSON.stringify(arg)} is not NAME=REF: ${what}`, {
        suggestions: ['segue publish discover=REF radio=REF'],
      });
    }
    if (members.has(name))
      throw new AppError(
        'bad-usage',
        `two members of a bundle cannot both be called ${JSON.stringify(name)}`,
      );
    members.set(name, reference);
  }
  return { members: Object.fromEntries(members) };
}
