/** What every route of a service works with. */
import type { FastifyReply } from 'fastify';
import { releasing } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import type { JsonSchema } from '../options/kinds.js';
import { serviceOptions } from '../options/catalogue/run-options.js';
import type { Admission } from './admission.js';
import { problemOf, type Problem } from './problems.js';
import { answerSchema } from './schemas.js';
import type { HeldReader, ServedRoot, Wanted } from './served-root.js';
import type { RootName, ServedRoots } from './served-roots.js';

export class Service {
  readonly roots: ServedRoots;
  readonly admission: Admission;
  /** Recipe for users whom nobody knows. */
  readonly fallback: string;
  /** ms since 1970 UTC. */
  readonly now = (): number => Date.now();
  readonly #places: readonly RegExp[];
  readonly #schemas = new Map<string, JsonSchema>();

  /** @param places directories that no answer names */
  constructor(
    roots: ServedRoots,
    admission: Admission,
    places: readonly string[],
    fallback: string = serviceOptions.servedFallback.fallback(),
  ) {
    this.fallback = fallback;
    this.roots = roots;
    this.admission = admission;
    this.#places = places.map(placePattern);
  }

  /** The address of a route of a root; of several roots their name is a part of it. */
  path(route: string): string {
    return this.roots.names.length === 0 ? `/v1${route}` : `/v1/:root${route}`;
  }

  /** Its schema: what stands in the address of each route of a root; undefined where there is one root. */
  get rootParameter(): Readonly<Record<string, JsonSchema>> {
    const { names } = this.roots;
    return names.length === 0
      ? {}
      : {
          root: {
            type: 'string',
            enum: names,
            description: 'which root is asked, of those that the service has',
          },
        };
  }

  /** HttpError 404. */
  rootOf(params: unknown): ServedRoot {
    return this.roots.get(rootNameOf(params));
  }

  problemOf(error: unknown): Problem {
    return problemOf(error, (text) => this.withoutPlaces(text));
  }

  /** Where files are is for whoever runs the service. */
  withoutPlaces(text: string): string {
    return this.#places.reduce((said, place) => said.replaceAll(place, 'the service'), text);
  }

  schemaOf(name: string): JsonSchema {
    const known = this.#schemas.get(name) ?? answerSchema(name);
    this.#schemas.set(name, known);
    return known;
  }

  /** An answer of a root. HttpErrors 503 where that is gone or there is no room, and what `answer` throws. */
  async ofRoot<R>(
    reply: FastifyReply,
    root: ServedRoot,
    answer: (context: TaskContext) => Promise<R>,
    weight?: number,
  ): Promise<R> {
    root.requireThere();
    try {
      return await this.admission.within(reply, answer, weight);
    } catch (error) {
      // What fails in a root that is gone fails because of that.
      root.requireThere();
      throw error;
    }
  }

  nameSnapshot(reply: FastifyReply, { id, epoch }: HeldReader): void {
    void reply.header('segue-snapshot', id);
    if (epoch !== null) void reply.header('segue-epoch', String(epoch));
  }

  /** An answer of one snapshot, which the headers name. HttpErrors 404, 410, those of `ofRoot`; and what `answer` throws. */
  async bySnapshot<R>(
    reply: FastifyReply,
    root: ServedRoot,
    wanted: Wanted,
    answer: (held: HeldReader, context: TaskContext) => Promise<R>,
    weight?: number,
  ): Promise<R> {
    const bySnapshot = async (context: TaskContext): Promise<R> => {
      return releasing(await root.hold(wanted), async (held) => {
        this.nameSnapshot(reply, held);
        return await answer(held, context);
      });
    };
    return this.ofRoot(reply, root, bySnapshot, weight);
  }
}

/** A whole path, and not a part of a longer name; of a bare name, such as `data`, only where a path follows it. */
function placePattern(place: string): RegExp {
  const escaped = place.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`(?<![\\w.-])${escaped}(?${place.includes('/') ? '![\\w.-]' : '=/'})`, 'g');
}

/** Of a request's address. */
export function rootNameOf(params: unknown): RootName {
  if (typeof params !== 'object' || params === null || !('root' in params)) return undefined;
  return typeof params.root === 'string' ? params.root : undefined;
}
