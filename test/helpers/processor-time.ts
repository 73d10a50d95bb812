import { readFileSync } from 'node:fs';

/** Processor time of this process in ms, which other processes on the machine do not lengthen. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Clock ticks a second in /proc, on every Linux that Node runs on. */
const ticks = 100;

/**
 * Processor time in seconds of this process and of all children that ended and were waited for, theirs too. Where there
 * is no /proc (macOS), of this process alone.
 */
export function cpuSeconds(): number {
  return processorMs() / 1000 + childTicks() / ticks;
}

function childTicks(): number {
  if (process.platform !== 'linux') return 0;
  const stat = readFileSync('/proc/self/stat', 'latin1');
  // The name of the program, in parentheses, may hold spaces. Then: state, …, utime, stime, cutime, cstime (14 to 17 of proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[13]) + Number(fields[14]);
}
