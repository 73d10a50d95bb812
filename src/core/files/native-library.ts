/** Loading what is compiled: where the system's C library does not suit it, a sentence says which one would. */
import { AppError, errnoOf, isOutOfMemory, machineError } from '../errors.js';

/** What lmdb's binary needs, the most demanding of them: README names it too. */
const neededGlibc = '2.34';

/** Runs what loads a package with a binary. Throws 'io-error' where the binary cannot be loaded. */
export async function withNative<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw loadError(name, error);
  }
}

/** The error for one that was thrown by loading `name`; anything else that went wrong as it is. */
export function loadError(name: string, error: unknown, libc = glibcVersion): unknown {
  if (isOutOfMemory(error)) return machineError(error, `load ${name}`);
  if (!isLoadFailure(error)) return error;
  const version = process.platform === 'linux' ? libc() : neededGlibc;
  const reason = firstLine(error);
  if (version !== undefined && !isOlder(version, neededGlibc))
    return new AppError('io-error', `could not load ${name}: ${reason}`, {
      suggestions: ['reinstall the packages on this machine: npm ci'],
      cause: error,
    });
  const has =
    version === undefined ? 'this system has another C library (musl?)' : `this system has ${version}`;
  return new AppError(
    'io-error',
    `could not load ${name}: segue needs glibc ${neededGlibc} or newer, and ${has}`,
    {
      suggestions: [
        'use a newer system, or a container of one: Debian 12, Ubuntu 22.04, RHEL 9, Amazon Linux 2023 or newer; not Alpine',
      ],
      details: { needed: neededGlibc, found: version ?? null, reason },
      cause: error,
    },
  );
}

function isLoadFailure(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return errnoOf(error) === 'ERR_DLOPEN_FAILED' || error.message.startsWith('No native build was found');
}

function firstLine({ message }: Error): string {
  return message.split('\n', 1)[0] ?? '';
}

/** The glibc that runs, such as '2.28'; undefined on musl. Takes some ms: only after something has failed. */
function glibcVersion(): string | undefined {
  // Else it asks the network for names.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  return header.glibcVersionRuntime;
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = than.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
