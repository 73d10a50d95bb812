import { readFileSync } from 'node:fs';
import { unlessRefused } from './errors.js';

/** The limit of addresses in bytes, by the text of /proc/self/limits; Infinity where there is none, or nobody knows. */
export function addressLimit(limits?: string): number {
  const text = limits ?? unlessRefused(() => readFileSync('/proc/self/limits', 'utf8')) ?? '';
  const [, soft] = /^Max address space\s+(\d+)\s/m.exec(text) ?? [];
  return soft === undefined ? Infinity : Number(soft);
}
