/** A list as lines of JSON (NDJSON), however long it is: a part after the other, each when the one before was taken. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TaskContext } from '../contracts.js';
import type { HeldReader, ServedRoot, Wanted } from './served-root.js';
import type { Service } from './service.js';

export const linesType = 'application/x-ndjson';
const linesAtOnce = 1000;

export function takesLines({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes(linesType) === true;
}

/**
 * Parts are answers of their own, with their deadline and weight, of one snapshot. What fails before the first is a problem; after
 * it the connection ends without the end of the body. Ends where nobody reads any more.
 *
 * @param most lines at most
 */
export async function sendLines(
  reply: FastifyReply,
  service: Service,
  root: ServedRoot,
  wanted: Wanted,
  most: number,
  ask: (held: HeldReader, k: number, from: number, context: TaskContext) => Promise<readonly object[]>,
): Promise<FastifyReply> {
  const held = await root.hold(wanted);
  service.nameSnapshot(reply, held);
  const part = async (from: number): Promise<readonly object[]> => {
    const k = Math.min(linesAtOnce, most - from);
    return k === 0 ? [] : service.ofRoot(reply, root, (context) => ask(held, k, from, context), k / 100);
  };
  const first = await part(0).catch((error: unknown) => {
    held.release();
    throw error;
  });
  const lines = Readable.from(all(first));
  lines.once('close', () => held.release());
  return reply.header('content-type', `${linesType}; charset=utf-8`).serializer(String).send(lines);

  async function* all(first: readonly object[]): AsyncGenerator<string> {
    let found = first;
    for (let from = 0; found.length > 0; found = await part(from)) {
      yield found.map((each) => `${JSON.stringify(each)}\n`).join('');
      from += found.length;
      if (found.length < linesAtOnce) return;
    }
  }
}
