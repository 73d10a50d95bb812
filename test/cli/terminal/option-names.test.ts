import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { knownFlag, withFlags } from '#dist/cli/terminal/option-names.js';

it.each([
  ['`asOf` says where a `halfLife` is measured from', '--as-of says where a --half-life is measured from'],
  ['`kind` "`where`": wanted artist', '--kind "`where`": wanted artist'],
  ['`kind` "a\\"`where`": wanted `k`', '--kind "a\\"`where`": wanted -k'],
  ['a `Name` and a ` x `', 'a `Name` and a ` x `'],
  ['nothing', 'nothing'],
])('options in the words of the core %j is %j to who types it', (text, wanted) =>
  expect(withFlags(text)).toBe(wanted),
);

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { commands } = JSON.parse(readFileSync(`${root}oclif.manifest.json`, 'utf8')) as {
  commands: Record<string, { flags: Record<string, unknown> }>;
};
const flags = new Set(Object.values(commands).flatMap((command) => Object.keys(command.flags)));
/** Options that only programs have. */
const ofPrograms = new Set(['workers', 'link']);
/** Commands to type, results whose words are a contract, and tables of keys, which are docs of files. */
const mayNameFlags = [
  ...['evaluation/tuning/train-command.ts', 'gates/gates.ts', 'query/why-not.ts'],
  ...['gates/gates-file.ts', 'gates/numbers.ts', 'query/recipes/keys.ts'],
];

/** What a line has where a literal text of it may name a flag, or something in backquotes. */
const mayName = /^(?!\s*(?:\*|\/[/*])).*(?:--[a-z$]|\\`|['"].*`)/m;

/** Every literal text of the core that may name an option, with the file that has it; a template with what it fills in left out. */
function literalTexts(): [string, string][] {
  const found: [string, string][] = [];
  for (const path of readdirSync(`${root}src/core`, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts') || path.startsWith('kernels/') || mayNameFlags.includes(path)) continue;
    const text = readFileSync(`${root}src/core/${path}`, 'utf8');
    if (!mayName.test(text)) continue;
    const options = {
      languageVersion: ts.ScriptTarget.Latest,
      jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    };
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node)) found.push([path, node.text]);
      else if (ts.isTemplateExpression(node))
        found.push([
          path,
          [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…'),
        ]);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(path, text, options));
  }
  return found;
}
const texts = literalTexts();

describe('the core', () => {
  it('names no flag, but in a command to type', () => {
    const named = texts.filter(([, text]) =>
      [...text.matchAll(/(?<![\w=-])--([a-z][a-z0-9-]*|…)/g)].some(
        ({ 1: name, index }) =>
          (flags.has(name!) || name === '…') && !/\bsegue [a-z…-]+( [^:;,]*)?$/.test(text.slice(0, index)),
      ),
    );
    expect(named).toEqual([]);
  });

  it('names in backquotes only what is an option', () => {
    // The OpenAPI document names parameters of requests.
    const ours = texts.filter(([path]) => !path.startsWith('serve/openapi'));
    const unknown = ours.flatMap(([path, text]) =>
      [...text.matchAll(/`([a-z][a-zA-Z0-9-]*)`/g)].flatMap(([, name]) =>
        flags.has(knownFlag(name!)) || ofPrograms.has(name!) ? [] : [`${path}: ${name!}`],
      ),
    );
    expect(unknown).toEqual([]);
  });
});
