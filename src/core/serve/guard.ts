/**
 * Who may ask. A page that someone visits can reach a service on loopback: so a request has to name a host that is this
 * service's, may not come from another site's page, and whatever writes needs a token that no page can guess.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors.js';
import { HttpError } from './problems.js';

/** What a token lets its bearer do: ask about items, about listeners, say what they did; hide items, and forget users. */
export const rights = ['read', 'listeners', 'feedback', 'hide', 'forget'] as const;
export type Right = (typeof rights)[number];

export interface Token {
  readonly rights: ReadonlySet<Right>;
  /** Names of the roots that it is for; undefined: all. */
  readonly roots?: ReadonlySet<string> | undefined;
  /** sha256 of it: all are of one length, and none stands in memory. */
  readonly digest: Buffer;
}

export interface Guard {
  readonly hosts: ReadonlySet<string>;
  /** Replaced as a whole where they are read again. */
  tokens: readonly Token[];
  /** What needs no token. */
  readonly open: ReadonlySet<Right>;
}

export interface Request {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  /** What browsers say of the page that asks, and of what for: Sec-Fetch-Site and Sec-Fetch-Dest. */
  readonly site?: unknown;
  readonly destination?: unknown;
}

/** Throws HttpErrors 421, 403 for whoever may not ask at all. */
export function requireOwnHost({ hosts }: Guard, { host, origin, site, destination }: Request): void {
  if (host === undefined || !hosts.has(nameOf(host)))
    throw new HttpError(421, 'another-host', `the request is for the host ${JSON.stringify(host ?? '')}`, [
      'the service answers to its own names, and to those that it was started with',
    ]);
  // A page can embed an address, or ask for it without an origin, and see whether that works. A link may lead here.
  if ((site === 'cross-site' || site === 'same-site') && destination !== 'document')
    throw new HttpError(403, 'another-site', 'a page of another site may not ask');
  if (origin === undefined) return;
  if (origin === 'null' || hostOfOrigin(origin) !== host)
    throw new HttpError(403, 'another-site', 'a page of another site may not ask');
}

/**
 * Throws HttpErrors 401 and 403.
 *
 * @param root whose; undefined: of the service as a whole, for which a token of some roots is not enough
 */
export function requireRight(
  { tokens, open }: Guard,
  right: Right,
  { authorization }: Request,
  root: string | undefined,
): void {
  if (authorization === undefined) {
    if (open.has(right)) return;
    throw new HttpError(401, 'no-token', `this needs a token with the right ${right}`, [
      'send it: Authorization: Bearer TOKEN',
    ]);
  }
  const given = digestOf(/^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1] ?? '');
  // All are compared, so that the time tells nothing.
  const matching = tokens.filter(({ digest }) => timingSafeEqual(digest, given));
  const [token] = matching;
  if (token === undefined) throw new HttpError(401, 'wrong-token', 'the token is not one of the service');
  if (!token.rights.has(right))
    throw new HttpError(403, 'no-right', `the token does not have the right ${right}`);
  if (token.roots !== undefined && (root === undefined || !token.roots.has(root)))
    throw new HttpError(403, 'no-right', 'the token is for other roots');
}

/** A new one, as text. 32 random bytes. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

export function tokenOf(text: string, given: readonly Right[], roots?: readonly string[]): Token {
  return { digest: digestOf(text), rights: new Set(given), roots: roots && new Set(roots) };
}

/**
 * Of a file with a token a line, after it the rights that it has, by commas (`read,listeners`; all without them),
 * and after those the names of the roots that it is for (all without them). Lines that begin with # are comments.
 * AppError 'bad-input-file', with the line.
 */
export function parseTokens(text: string, path: string, rootNames: readonly string[]): Token[] {
  const lineOf = new Map<string, number>();
  const tokens = text.split('\n').flatMap((line, at): Token[] => {
    const [token, given, forRoots, ...rest] = line.trim().split(/\s+/);
    if (token === undefined || token === '' || token.startsWith('#')) return [];
    const wanted = given === undefined ? [...rights] : given.split(',');
    const roots = forRoots?.split(',');
    const why = problemOf(token, wanted, roots, rest.length > 0);
    if (why !== undefined) {
      throw new AppError('bad-input-file', `${path}, line ${at + 1}: ${why}`, {
        details: { file: path, line: at + 1 },
      });
    }
    lineOf.set(token, at + 1);
    return [tokenOf(token, wanted.filter(isRight), roots)];
  });
  if (tokens.length > 0) return tokens;
  throw new AppError('bad-input-file', `${path} holds no token`, { details: { file: path } });

  function problemOf(
    token: string,
    wanted: readonly string[],
    roots: readonly string[] = [],
    isMore: boolean,
  ): string | undefined {
    const right = wanted.find((each) => !isRight(each));
    if (right !== undefined) return `${JSON.stringify(right)} is no right: wanted ${rights.join(', ')}`;
    const root = roots.find((each) => !rootNames.includes(each));
    if (root !== undefined)
      return `${JSON.stringify(root)} is no root: there are ${rootNames.join(', ') || 'none with a name'}`;
    if (isMore) return 'wanted a token, its rights joined by commas, and its roots joined by commas';
    if (!/^[\x21-\x7e]+$/.test(token)) return 'a token is of ASCII characters without spaces';
    const line = lineOf.get(token);
    if (line !== undefined) return `line ${line} has the same token: wanted one line for each`;
    if (token.length > mostTokenLength)
      return `the token has ${token.length} characters: wanted at most ${mostTokenLength}`;
    if (token.length >= leastTokenLength) return undefined;
    return `the token has ${token.length} characters: wanted at least ${leastTokenLength}`;
  }
}

const leastTokenLength = 16;
/** As `requireRight` reads them. */
const mostTokenLength = 512;

function isRight(text: string): text is Right {
  return rights.some((right) => right === text);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Without the port; in lower case. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

function hostOfOrigin(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/.exec(origin)?.[1];
}
