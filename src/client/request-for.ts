/** What is asked, as HTTP says it. */
import type { Route } from './openapi.js';

export interface WrittenRequest {
  readonly method: string;
  /** Path and query. */
  readonly address: string;
  readonly body?: string;
}

/** Of parameters by the names of JavaScript; those that are undefined are not sent. */
export function requestFor(
  { method, path, query = [] }: Route,
  asked: object,
  root: string | undefined,
): WrittenRequest {
  const left = new Map(
    Object.entries(asked).map(([name, value]): [string, unknown] => [kebabCase(name), value]),
  );
  const take = (name: string): unknown => {
    const value = left.get(name);
    left.delete(name);
    return value;
  };
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(String(take(name))));
  const inRoot = root === undefined ? filled : filled.replace(/^\/v1\//, `/v1/${encodeURIComponent(root)}/`);
  if (method === 'GET') return { method, address: inRoot + queryOf([...left]) };
  const address = inRoot + queryOf(query.map((name) => [name, take(name)]));
  return {
    method,
    address,
    body: JSON.stringify(Object.fromEntries([...left].map(([name, value]) => [name, named(value)]))),
  };
}

/** A list is a parameter that is repeated. */
function queryOf(entries: readonly (readonly [string, unknown])[]): string {
  const query = new URLSearchParams();
  for (const [name, value] of entries)
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined) query.append(name, String(each));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The objects of a list have parameters too. */
function named(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [kebabCase(name), each]));
}

/** maxPerArtist → max-per-artist */
function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
