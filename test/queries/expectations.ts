/** Whether an answer is what a table of queries expects of it. */
import { expect } from 'vitest';
import { isSame, type InterfaceName, type Outcome } from './interfaces.js';
import type { Operation } from './operations.js';
import type { Expectation } from './query-file.js';

/** Ids of what an answer lists, or of what it is about. */
export function idsIn(answer: Readonly<Record<string, any>>, { list }: Pick<Operation, 'list'>): string[] {
  return ((answer[list ?? ''] ?? []) as { id: string }[]).map(({ id }) => id);
}

export interface Around {
  readonly by: InterfaceName;
  readonly operation: Operation;
  /** What another command line is answered with. */
  other(line: string): Promise<{ readonly outcome: Outcome; readonly operation: Operation }>;
  oracle(name: string, answers: readonly any[]): Promise<void>;
}

export async function check(outcome: Outcome, { what, text }: Expectation, around: Around): Promise<void> {
  if (what === '?')
    throw new Error(
      `it answers\n${'code' in outcome ? `error ${outcome.code} ${outcome.message}` : JSON.stringify(outcome.answers)}`,
    );
  if (what === 'error' || what === 'hint') {
    if (!('code' in outcome)) throw new Error(`wanted an error, got ${JSON.stringify(outcome.answers)}`);
    const [, code = '', words = ''] = /^(\S+) ?(.*)$/.exec(text) ?? [];
    if (what === 'error') expect(outcome.code, outcome.message).toBe(code);
    // A service leaves out what is for whoever runs it.
    if (around.by === 'http' || around.by === 'client') return;
    const said = what === 'error' ? outcome.message : (outcome.suggestions ?? []).join('\n');
    expect(plain(said)).toContain(plain(what === 'error' ? words : text));
    return;
  }
  if (!('answers' in outcome)) throw new Error(`${outcome.code}: ${outcome.message}`);
  const { answers } = outcome;
  const lists = answers.map((answer) => idsIn(answer as Record<string, unknown>, around.operation));
  const wanted = text.split(' | ').map((part) => part.split(', ').filter((id) => id !== ''));
  if (what === 'ids') expect(lists).toEqual(wanted);
  else if (what === 'ids any order')
    expect(lists.map((ids) => ids.toSorted())).toEqual(wanted.map((ids) => ids.toSorted()));
  else if (what === 'count') expect(lists.map(({ length }) => length).join(' | ')).toBe(text);
  else if (what === 'most') requireMost(answers, around.operation, text);
  else if (what === 'every') requireEvery(answers, around.operation, text);
  else if (what === 'has') for (const ids of lists) expect(ids).toEqual(expect.arrayContaining(wanted[0]!));
  else if (what === 'lacks') for (const id of wanted[0]!) expect(lists.flat()).not.toContain(id);
  else if (what === 'same as') {
    const { outcome: other } = await around.other(text);
    if (!isSame(outcome, other)) expect(answers).toEqual('answers' in other ? other.answers : other);
  } else if (what === 'ids of') {
    const { outcome: other, operation } = await around.other(text);
    if (!('answers' in other)) throw new Error(other.message);
    expect(lists).toEqual(other.answers.map((answer) => idsIn(answer as object, operation)));
  } else if (what === 'oracle') await around.oracle(text, answers);
  else {
    const parts = JSON.parse(text.startsWith('[') ? text : `[${text}]`) as unknown[];
    expect(answers.length).toBeGreaterThanOrEqual(parts.length);
    parts.forEach((part, at) => requirePart(answers[at], part, `answer ${at + 1}`));
  }
}

type Listed = Readonly<Record<string, unknown>>;
const found = (answers: readonly any[], { list }: Operation): Listed[] =>
  answers.flatMap((answer) => answer[list ?? ''] as Listed[]);

/** `2 artist`: no more of the same. */
function requireMost(answers: readonly any[], operation: Operation, text: string): void {
  const [most, key = ''] = text.split(' ');
  const values = found(answers, operation).flatMap((one) => one[key] ?? []);
  for (const value of values)
    expect(
      values.filter((same) => same === value).length,
      `${key} ${JSON.stringify(value)}`,
    ).toBeLessThanOrEqual(Number(most));
}

/** `released < 1966`, `artist = Queen`: of all that is listed, and something is. */
function requireEvery(answers: readonly any[], operation: Operation, text: string): void {
  const [, key = '', test = '', wanted = ''] = /^(\S+) (=|!=|<|>|<=|>=) (.*)$/.exec(text) ?? [];
  const all = found(answers, operation);
  expect(all.length).toBeGreaterThan(0);
  for (const one of all) {
    const value = one[key];
    const isSo = {
      ...{ '=': String(value) === wanted, '!=': String(value) !== wanted },
      ...{ '<': Number(value) < Number(wanted), '<=': Number(value) <= Number(wanted) },
      ...{ '>': Number(value) > Number(wanted), '>=': Number(value) >= Number(wanted) },
    }[test];
    expect(isSo, `${key} of ${String(one['id'])} is ${String(value)}`).toBe(true);
  }
}

/** What an option is called depends on who is told. */
const plain = (text: string): string =>
  text
    .replaceAll(/`([A-Za-z-]+)`/g, (_, name: string) => name)
    .replaceAll(/(^|[\s(])--([a-z])/g, '$1$2')
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    .toLowerCase()
    .replaceAll('-', '');

/**
 * Throws where `part` is not there: keys of objects and of lists (by place), numbers to six digits, `"…"` anything. A list that is
 * written as a list is as long.
 */
function requirePart(value: any, part: unknown, where: string): void {
  if (part === '…') {
    expect(value, where).not.toBeUndefined();
  } else if (typeof part === 'number' && typeof value === 'number') {
    expect(Math.abs(value - part), `${where}: ${value}`).toBeLessThan(5e-6 * Math.max(1, Math.abs(part)));
  } else if (typeof part === 'object' && part !== null) {
    if (Array.isArray(part)) expect(value, where).toHaveLength(part.length);
    if (typeof value !== 'object' || value === null) expect(value, where).toEqual(part);
    for (const [key, each] of Object.entries(part)) requirePart(value[key], each, `${where}.${key}`);
  } else expect(value, where).toEqual(part);
}
