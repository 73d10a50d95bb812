/** The core names options as its callers write them, in backquotes (`asOf`); whoever types a command line knows --as-of. */
import { catalogue } from '../../core/options/catalogue.js';

const known: Readonly<Record<string, { readonly flag?: string; readonly off?: string } | undefined>> =
  catalogue;

/** maxPerArtist → max-per-artist; of a switch that is on, what turns it off. */
export function flagNameOf(
  name: string,
  { flag, off }: { readonly flag?: string | undefined; readonly off?: string | undefined } = {},
): string {
  if (flag !== undefined) return flag;
  const words = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return off === undefined ? words : `no-${words}`;
}

/** The flag of an option by its name alone. */
export function knownFlag(option: string): string {
  return flagNameOf(option, known[option]);
}

/** A text of the core with its options named as flags. Text in double quotes is the user's, and stays. */
export function withFlags(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|`([a-z][a-zA-Z0-9-]*)`/g, (all, option: string | undefined) => {
    if (option === undefined) return all;
    const flag = knownFlag(option);
    return flag.length === 1 ? `-${flag}` : `--${flag}`;
  });
}
