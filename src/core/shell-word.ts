/**
 * Words of commands and answers that are suggested, as a POSIX shell reads them: whatever a file, an item or a user is
 * called, pasting what is printed names it, and runs nothing.
 */

/** A word as a shell reads it back: quoted where it has to be. */
export function shellWord(word: string): string {
  // zsh replaces =word by where that command is.
  const isPlain = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(word);
  return isPlain ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A file as an argument: never a flag, whatever it is called. */
export function fileWord(path: string): string {
  return shellWord(path.startsWith('-') ? `./${path}` : path);
}

/** A name in double quotes where a shell takes all between them literally, else as a word. */
export function quotedName(name: string): string {
  return /["\\$`!]/.test(name) ? shellWord(name) : `"${name}"`;
}
