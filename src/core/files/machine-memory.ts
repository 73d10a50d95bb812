/** The memory there is, asked before the work and not after it. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { addressLimit, AppError, unlessRefused } from '../errors.js';

/** Bytes of memory of the machine, or of the container that this process is in, or that `ulimit -v` lets it have. */
export function machineBytes(): number {
  const constrained = process.constrainedMemory();
  return Math.min(constrained > 0 ? constrained : Infinity, totalmem(), ownAddressLimit());
}

function ownAddressLimit(): number {
  return addressLimit(unlessRefused(() => readFileSync('/proc/self/limits', 'utf8')) ?? '');
}

/**
 * Throws 'too-large', or 'out-of-memory' under `ulimit -v`, where more is needed than there is: the kernel would end the process in the middle of the work.
 * @param doing what needs it: 'training' @param whatWouldFit suggestions
 */
export function requireMemory(doing: string, neededBytes: number, whatWouldFit: readonly string[]): void {
  const has = machineBytes();
  if (neededBytes <= has) return;
  const isLimited = has === ownAddressLimit();
  const there = isLimited ? '`ulimit -v` leaves it' : 'this machine has';
  const message = `${doing} needs about ${inGibibytes(neededBytes)} of memory; ${there} ${inGibibytes(has)}`;
  throw new AppError(isLimited ? 'out-of-memory' : 'too-large', message, {
    suggestions: [
      ...(isLimited ? ['raise the limit of the shell or the job: ulimit -v'] : []),
      ...whatWouldFit,
    ],
    details: { neededBytes: Math.ceil(neededBytes), machineBytes: has },
  });
}

/** Gives back what nothing refers to any more, WebAssembly's memories too, before something else needs the room. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  // A context that is made after the flag has the function.
  runInNewContext('gc()');
}

/** The most memory that this process has had so far. */
export function peakBytes(): number {
  return 1024 * process.resourceUsage().maxRSS;
}

function inGibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
