/** Documents that other commands printed with --json, read with care: a file may hold anything. */
import { readFileSync } from 'node:fs';
import { AppError, errnoOf, machineError } from '../errors.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What `command` printed. AppError 'bad-input-file' for a file that is none, or no JSON object. */
export function readDocument(path: string, command: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'EISDIR' || errno === 'ENOTDIR')
      throw notIt(path, command, errno === 'EISDIR' ? 'it is a directory' : 'there is no such file', error);
    throw machineError(error, `read ${path}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notIt(path, command, 'it is no JSON document', error);
  }
  if (!isObject(value)) throw notIt(path, command, 'it is no JSON object');
  return value;
}

/** AppError 'bad-input-file': a document of something else, or of another form. */
export function notIt(path: string, command: string, why: string, cause?: unknown): AppError {
  return new AppError('bad-input-file', `${path} is not what \`${command}\` printed: ${why}`, {
    suggestions: [`${command} > ${path}`],
    details: { file: path },
    cause,
  });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(of: JsonObject, name: string): JsonObject {
  const value = of[name];
  return isObject(value) ? value : {};
}

export function listAt(of: JsonObject, name: string): JsonObject[] {
  const value = of[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textAt(of: JsonObject, name: string): string | null {
  const value = of[name];
  return typeof value === 'string' ? value : null;
}

export function numberAt(of: JsonObject, name: string): number | null {
  const value = of[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The finite numbers of an object, by name. */
export function numbersOf(of: JsonObject): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(of).flatMap(([name, value]) =>
      typeof value === 'number' && Number.isFinite(value) ? [[name, value] as const] : [],
    ),
  );
}

/** Two numbers, the first not above the second. */
export function intervalOf(value: unknown): readonly [low: number, high: number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const pair: readonly unknown[] = value;
  const [low, high] = pair;
  return typeof low === 'number' && typeof high === 'number' && low <= high ? [low, high] : null;
}
