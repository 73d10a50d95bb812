/** The core names options as its callers write them, in backquotes (`asOf`); whoever types a command line knows --as-of. */

/** A text of the core with its options named as flags. Text in double quotes is the user's, and stays. */
export function withFlags(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|`([a-z][a-zA-Z0-9-]*)`/g, (all, option: string | undefined) =>
    option === undefined ? all : `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );
}
