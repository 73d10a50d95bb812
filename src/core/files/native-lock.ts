/**
 * The system call behind a kernel lock, from the binary in fs-native-extensions. The package's own loader asks four
 * other packages where that binary is, which costs a cold command 11 ms of 150; the file is where every version has
 * it, so it is loaded from there (1 ms), and by the package's loader only where it is not.
 */
import { createRequire } from 'node:module';
import { errnoOf } from '../errors.js';
import { loadError } from './native-library.js';

/** The binary's function: throws EAGAIN where someone else holds the lock. */
interface NativeBinding {
  tryLock(fd: number, offset: number, length: number, exclusive: boolean): void;
}

/** The package's function. */
interface NativePackage {
  tryLock(fd: number, options: { readonly shared: boolean }): boolean;
}

/** True: the descriptor holds the lock. False: someone else does. Throws where it cannot be locked at all. */
export function tryNativeLock(fd: number, shared: boolean): boolean {
  const require = createRequire(import.meta.url);
  let binding: NativeBinding;
  try {
    const folder = `${process.platform}-${process.arch}`;
    binding = require(`fs-native-extensions/prebuilds/${folder}/fs-native-extensions.node`) as NativeBinding;
  } catch (error) {
    if (errnoOf(error) !== 'MODULE_NOT_FOUND') throw loadError('fs-native-extensions', error);
    return (require('fs-native-extensions') as NativePackage).tryLock(fd, { shared });
  }
  try {
    binding.tryLock(fd, 0, 0, !shared);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EAGAIN') return false;
    throw error;
  }
}
