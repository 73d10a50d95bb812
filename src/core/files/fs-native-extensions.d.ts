/** The part of fs-native-extensions that is used here; the package brings no types of its own. */
declare module 'fs-native-extensions' {
  /** true: the kernel lock is held by `fd`; false: by someone else. Throws where the descriptor cannot be locked. */
  export function tryLock(fd: number, options?: { shared?: boolean }): boolean;
}
