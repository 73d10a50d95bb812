/** One question asked through every interface that has it: what each answers, or the code of what is wrong. */
import { isDeepStrictEqual } from 'node:util';
import { SegueClient, SegueProblem } from '#dist/client/client.js';
import { AppError, openReader, type ErrorCode, type Reader } from '#dist/core/library.js';
import { runHere } from '../helpers/run-here.js';
import { startService, type Service } from '../helpers/service.js';
import {
  libraryFunction,
  parameterOf,
  routes,
  type Asked,
  type Operation,
  type Options,
} from './operations.js';

export type Outcome =
  | { readonly answers: readonly any[] }
  | {
      readonly code: string;
      readonly message: string;
      readonly details?: Readonly<Record<string, unknown>>;
      readonly suggestions?: readonly string[];
    };

export const interfaceNames = ['command', 'library', 'reader', 'http', 'client'] as const;
export type InterfaceName = (typeof interfaceNames)[number];

export interface Interfaces {
  ask(by: InterfaceName, asked: Asked): Promise<Outcome>;
  close(): Promise<void>;
}

export interface Ways {
  /** Threads of the command, and workers of reader and service; one thread, which is that of the test, without it. */
  readonly threads?: number;
  /** The member of a bundle. */
  readonly as?: string;
  /** Nothing of the service, whose runtime needs it. */
  readonly withoutSharedMemory?: boolean;
  /** Of a reader; by default its vectors are in memory. */
  readonly inMemory?: boolean;
}

export function hasInterface(by: InterfaceName, { reader, route }: Operation): boolean {
  if (by === 'reader') return reader !== undefined;
  return by === 'command' || by === 'library' || route !== undefined;
}

/** Whether an interface has the operation with these options, as far as its description says. */
export function hasQuery(by: InterfaceName, { operation, options }: Asked): boolean {
  if (by === 'command' || by === 'library') return true;
  if (by === 'reader') return operation.reader !== undefined;
  const route = routeOf({ operation, options });
  const known = route?.parameters.map(({ name }) => name) ?? [];
  return (
    route !== undefined &&
    Object.keys(withoutMarks({ operation, options })).every((name) => known.includes(parameterOf(name)))
  );
}

function routeOf({ operation, options }: Pick<Asked, 'operation' | 'options'>) {
  const users = (options['users'] as readonly string[] | undefined)?.length ?? 0;
  const id = operation.route?.(users);
  if (id === undefined || (users > 1 && !id.endsWith('Many'))) return undefined;
  const one = routes.get(id.replace('Many', 'ToUser'))!;
  return { id, ...one };
}

/** @param path a folder with a root `root` in it, in which commands run */
export function openInterfaces(
  path: string,
  { threads = 0, as, withoutSharedMemory = false, inMemory = true }: Ways = {},
): Interfaces {
  const root = `${path}/root`;
  const readers = new Map<string, Promise<Reader>>();
  let service: Promise<Service> | undefined;
  const served = (): Promise<Service> => (service ??= startService([root], { workers: threads, as }));
  const readerOf = (snapshot: string | undefined, member = as): Promise<Reader> => {
    const key = JSON.stringify([snapshot, member]);
    if (!readers.has(key))
      readers.set(key, openReader(root, snapshot, undefined, { as: member, workers: threads, inMemory }));
    return readers.get(key)!;
  };

  const command = async ({ words }: Asked): Promise<Outcome> => {
    const env = {
      SEGUE_ROOT: root,
      ...(threads === 0 ? {} : { SEGUE_THREADS: String(threads) }),
      ...(as === undefined ? {} : { SEGUE_AS: as }),
    };
    const { code, stdout, stderr } = await runHere([...words, '--json'], { env, cwd: path });
    const lines = stdout === '' ? [] : stdout.trimEnd().split('\n');
    const documents = lines.map((line) => JSON.parse(line) as Record<string, any>);
    if (code === 0) return { answers: documents };
    const error = documents.at(-1)?.['error'] as Exclude<Outcome, { answers: unknown }> | undefined;
    if (error === undefined)
      throw new Error(`segue ${words.join(' ')} ended with ${String(code)}: ${stderr}`);
    const wanted = new AppError(error.code as ErrorCode, '').exitCode;
    if (code !== wanted) throw new Error(`${error.code} ended with ${String(code)}, not ${String(wanted)}`);
    return error;
  };

  const library = async ({ operation, options }: Asked): Promise<Outcome> => {
    const given = { root, ...(as === undefined ? {} : { as }), ...withoutMarks({ operation, options }) };
    let text = '';
    const write = (bytes: Uint8Array): Promise<void> => {
      text += Buffer.from(bytes).toString();
      return Promise.resolve();
    };
    const ask = libraryFunction(operation);
    if (operation.isInBulk !== true) return outcomeOf(() => ask(given));
    return outcomeOf(async () => {
      await ask({ ...given, write });
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
    });
  };

  const reader = ({ operation, options }: Asked): Promise<Outcome> => {
    const { snapshot, as: member, ...given } = withoutMarks({ operation, options }) as Named;
    return outcomeOf(async () => operation.reader!(await readerOf(snapshot, member), given));
  };

  const http = async (asked: Asked): Promise<Outcome> => {
    const { get, post } = await served();
    const { id, path: address, parameters } = routeOf(asked)!;
    const users = (asked.options['users'] ?? []) as readonly string[];
    const query = requestOf(asked, parameters);
    if (id.endsWith('Many')) {
      const { snapshot, ...each } = query;
      const chosen = snapshot === undefined ? '' : `?snapshot=${encodeURIComponent(snapshot as string)}`;
      const queries = users.map((user) => ({ ...each, user }));
      const { status, body } = await post(address.replace('/{user}', '') + chosen, { queries });
      return status === 200 ? manyOf(body.answers) : said(body);
    }
    const text = new URLSearchParams();
    let filled = address;
    for (const [name, value] of Object.entries(query)) {
      if (address.includes(`{${name}}`))
        filled = filled.replace(`{${name}}`, encodeURIComponent(String(value)));
      else for (const each of [value].flat()) text.append(name, String(each));
    }
    const { status, body } = await get(`${filled}?${text.toString()}`);
    return status === 200 ? { answers: [body] } : said(body);
  };

  const client = async (asked: Asked): Promise<Outcome> => {
    const { url, token } = await served();
    const { id, parameters } = routeOf(asked)!;
    const of = new SegueClient({ url, token, retries: 0 }) as unknown as Record<
      string,
      (asked: object) => Promise<any>
    >;
    const query = Object.fromEntries(
      Object.entries(requestOf(asked, parameters)).map(([name, value]) => [
        name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        value,
      ]),
    );
    try {
      if (!id.endsWith('Many')) return { answers: [await of[id]!(query)] };
      const users = asked.options['users'] as readonly string[];
      const { snapshot, ...each } = query;
      return manyOf((await of[id]!({ snapshot, queries: users.map((user) => ({ ...each, user })) })).answers);
    } catch (error) {
      if (error instanceof SegueProblem) return said(error);
      throw error;
    }
  };

  const asking: Record<InterfaceName, (asked: Asked) => Promise<Outcome>> = {
    ...{ command, library, reader, http, client },
  };
  return {
    async ask(by, asked) {
      if (!withoutSharedMemory || by === 'http' || by === 'client') return asking[by](asked);
      const { SharedArrayBuffer: taken } = globalThis;
      Object.assign(globalThis, { SharedArrayBuffer: undefined });
      try {
        return await asking[by](asked);
      } finally {
        Object.assign(globalThis, { SharedArrayBuffer: taken });
      }
    },
    async close() {
      for (const each of readers.values()) await each.then((open) => open.close()).catch(() => undefined);
      await (await service)?.close();
    },
  };
}

interface Named {
  readonly snapshot?: string;
  readonly as?: string;
}

/** What makes the command's question this one is the name of the function, and of the route. */
function withoutMarks({ operation: { marks = [] }, options }: Pick<Asked, 'operation' | 'options'>): Options {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => !(marks.includes(name) && value === true)),
  );
}

/** What is asked by the names of requests. Who is unknown is a problem, as to the command, where the service can be told so. */
function requestOf(asked: Asked, parameters: readonly { readonly name: string }[]): Record<string, unknown> {
  const entries = Object.entries(withoutMarks(asked)).flatMap(([name, value]): [string, unknown][] => {
    if (name === 'users') return (value as unknown[]).length === 1 ? [['user', (value as unknown[])[0]]] : [];
    return [[parameterOf(name), name === 'words' ? (value as string[]).join(' ') : value]];
  });
  const strict = parameters.some(({ name }) => name === 'strict') ? { strict: true } : {};
  return { ...strict, ...Object.fromEntries(entries) };
}

function manyOf(answers: readonly any[]): Outcome {
  const failed = answers.find(({ problem }) => problem !== undefined);
  return failed === undefined ? { answers } : said(failed.problem);
}

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly suggestions: readonly string[];
}

/** @param problem as HTTP has it: what the command calls its message is its detail */
function said({ code, detail, suggestions }: Problem): Outcome {
  return { code, message: detail, suggestions };
}

async function outcomeOf(ask: () => Promise<unknown>): Promise<Outcome> {
  try {
    const answer = JSON.parse(JSON.stringify(await ask())) as unknown;
    return { answers: Array.isArray(answer) ? answer : [answer] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, details, suggestions } = error;
    return { code, message, details, suggestions };
  }
}

export const isSame = (a: Outcome, b: Outcome): boolean =>
  'answers' in a
    ? 'answers' in b && isDeepStrictEqual(a.answers, b.answers)
    : 'code' in b && a.code === b.code;
