import { afterAll, beforeAll, expect, it } from 'vitest';
import { isFullTest, isNightly } from '../helpers/full-tests.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import {
  hasInterface,
  interfaceNames,
  isSame,
  openInterfaces,
  type Interfaces,
  type Outcome,
} from './interfaces.js';
import { declaredDifferences, withoutEffect, type Difference } from './known-differences.js';
import { allCases, someOf, usualOf, writeGivenFiles, type Case } from './pairs.js';
import { makeQueryRoot, type QueryRoot } from './roots.js';

useCanaryHere();

let root: QueryRoot;
let interfaces: Interfaces;
let cases: Case[];
beforeAll(async () => {
  root = await makeQueryRoot('heard');
  const { folder } = root;
  const [vector] = await folder.json(['user-vector', 'user-5']);
  writeGivenFiles(folder.path, vector);
  interfaces = openInterfaces(folder.path);
  const all = await allCases(folder.path);
  cases = isFullTest()
    ? all.filter(({ tried }, at) => tried.length === 1 || isNightly || at % 2 === 0)
    : [false, true].flatMap((isPair) =>
        someOf(
          all.filter(({ tried }) => tried.length > 1 === isPair),
          40,
          7,
        ),
      );
});
afterAll(async () => {
  await interfaces.close();
  root.folder.remove();
});

const codeOf = (outcome: Outcome): string => ('code' in outcome ? outcome.code : 'an answer');

/** Whether a row of the list is about what differs. */
function explains(row: Difference, { asked, tried }: Case, command: Outcome, other: Outcome): boolean {
  const { operations = [asked.operation.name], options, does } = row;
  const isAbout = options.includes('*') || options.some((option) => tried.includes(option));
  if (!operations.includes(asked.operation.name) || !isAbout) return false;
  return codeOf(does === 'refuses' ? other : command) === 'bad-usage';
}

it('every option, and every pair, is answered or refused alike by all interfaces, but for what is listed', async () => {
  const unexplained: string[] = [];
  const used = new Set<Difference>();
  for (const each of cases) {
    const command = await interfaces.ask('command', each.asked);
    for (const by of interfaceNames) {
      if (by === 'command' || !hasInterface(by, each.asked.operation)) continue;
      const other = await interfaces.ask(by, each.asked);
      if (isSame(command, other)) continue;
      const rows = declaredDifferences.filter(
        (row) => row.interfaces.includes(by) && explains(row, each, command, other),
      );
      for (const row of rows) used.add(row);
      if (rows.length > 0) continue;
      const said = `${codeOf(command)}, and by ${by} ${codeOf(other)}`;
      unexplained.push(`segue ${each.asked.words.join(' ')}: ${said}`);
    }
  }
  expect(unexplained).toEqual([]);
  // What was put right leaves the list.
  if (isFullTest()) expect(declaredDifferences.filter((row) => !used.has(row))).toEqual([]);
});

it('an option that is taken changes the answer, but for what is listed', async () => {
  const alike: string[] = [];
  const usualAnswers = new Map<string, Outcome>();
  for (const { asked, tried, isWrong } of cases) {
    const [option = ''] = tried;
    const usual = usualOf(asked.operation);
    if (tried.length > 1 || isWrong) continue;
    const answer = await interfaces.ask('command', asked);
    const known = usualAnswers.get(asked.operation.name) ?? (await interfaces.ask('command', usual));
    usualAnswers.set(asked.operation.name, known);
    if (!isSame(answer, known)) continue;
    const isListed = withoutEffect.some(
      ({ operations = [asked.operation.name], options }) =>
        operations.includes(asked.operation.name) && options.includes(option),
    );
    if (!isListed) alike.push(`${asked.operation.name} ${option}`);
  }
  expect(alike).toEqual([]);
});
