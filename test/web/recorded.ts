/** Answers of a real service, kept in answers/recorded.jsonl: the page is rendered over them without one. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SegueProblem } from '../../src/client/client.js';
import { routes } from '../../src/client/openapi.js';
import { requestFor } from '../../src/client/request-for.js';
import type { Query } from '../../src/web/api/queries.js';
import type { Service as PageService } from '../../src/web/api/service.js';
import { startService } from '../helpers/service.js';
import { classicRock, makeFolder } from '../helpers/trained-root.js';

export interface Recorded {
  readonly question: Query<unknown>;
  readonly status: number;
  readonly body: any;
}

export type Answers = Map<string, Recorded>;

export const recordedPath = fileURLToPath(new URL('answers/recorded.jsonl', import.meta.url));

/** As a service of one root has it: path and query, and what is posted. */
function requestOf({ operation, asked }: Query<unknown>): { address: string; body?: string } {
  return requestFor(routes[operation], asked, undefined);
}

function keyOf(question: Query<unknown>): string {
  const { address, body } = requestOf(question);
  return body === undefined ? address : `${address} ${body}`;
}

export function readAnswers(): Answers {
  const lines = existsSync(recordedPath) ? readFileSync(recordedPath, 'utf8').trim().split('\n') : [];
  const all = lines.map((line) => JSON.parse(line) as Recorded);
  return new Map(all.map((each) => [keyOf(each.question), each]));
}

export function textOf(answers: Answers): string {
  const keys = [...answers.keys()].sort();
  return `${keys.map((key) => JSON.stringify(answers.get(key))).join('\n')}\n`;
}

/** Without what tells when it was asked and trained, how long that took, and by which version. */
export function timeless(text: string): string {
  return text
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"then"')
    .replaceAll(/"(?:\w*[sS]econds":[\d.]+|version":"[^"]+")/g, '""');
}

/**
 * Asks a service of the bundled plays, by two models of which the first is current, until `missing` finds that it has all: it
 * returns the questions that a page still asks.
 */
export async function recordAnswers(
  missing: (answers: Answers) => readonly Query<unknown>[],
): Promise<Answers> {
  const folder = makeFolder();
  const train = ['train', classicRock.plays, '--items', classicRock.items, '--factors', '8'];
  await folder.segue([...train, '--epochs', '2']);
  await folder.segue(['publish']);
  await folder.segue([...train, '--epochs', '1', '--seed', '7']);
  const service = await startService([join(folder.path, 'root')]);
  const answers: Answers = new Map();
  try {
    for (let asked = [...missing(answers)]; asked.length > 0; asked = [...missing(answers)]) {
      for (const question of asked) {
        const { address, body } = requestOf(question);
        const answer = await (body === undefined ? service.get(address) : service.post(address, body));
        // Another in each answer.
        if (answer.status >= 400) delete answer.body.requestId;
        answers.set(keyOf(question), { question, status: answer.status, body: answer.body });
      }
    }
  } finally {
    await service.close();
    folder.remove();
  }
  return answers;
}

/** What the service says instead of what is recorded: another answer, a problem, or nothing yet. */
export type Instead = (path: string, body: any) => unknown;
export const notYet = Symbol('not yet');

export interface Replaying extends PageService {
  /** What was asked and is not recorded. */
  readonly missing: Query<unknown>[];
}

/** Answers while it is asked, so that a page that runs its effects as it renders is there whole. */
export function replaying(answers: Answers, instead: Instead = (_, body: unknown) => body): Replaying {
  const missing: Query<unknown>[] = [];
  const settle = (question: Query<unknown>): { then: unknown } => ({
    then(done: (value: unknown) => void, failed: (error: unknown) => void) {
      const body = instead(
        requestOf(question).address,
        structuredClone(answers.get(keyOf(question))?.body ?? null),
      );
      if (body === null) missing.push({ operation: question.operation, asked: question.asked });
      const isProblem = typeof body === 'object' && body !== null && 'code' in body && 'status' in body;
      if (isProblem) failed(new SegueProblem(body as never));
      else if (body !== notYet && body !== null) done(body);
      return { finally: (end: () => void) => end() };
    },
  });
  return {
    missing,
    answered: () => undefined,
    forget() {},
    setToken() {},
    ask: ((question: Query<unknown>) => settle(question)) as unknown as PageService['ask'],
    watch: () => () => undefined,
  };
}
