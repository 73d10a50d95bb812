// Writes docs/reference/api.md from the source of the library: what its functions take, what they take by default, and the examples of
// their comments. node scripts/make-api-page.mjs, after a build; with - it prints the page. A test holds the page to it, and
// runs the examples.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import ts from 'typescript';
import * as operations from '../dist/core/options/operations.js';

const repository = fileURLToPath(new URL('..', import.meta.url));
const pagePath = `${repository}docs/reference/api.md`;
const entry = `${repository}src/core/library.ts`;

/** The page, as Prettier would have it. */
async function apiPage() {
  const { config } = ts.readConfigFile(`${repository}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, repository);
  const program = ts.createProgram([entry], { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  const exported = checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)))
    .map((symbol) => [
      symbol.name,
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    ]);
  const functions = exported.filter(([name, symbol]) => name in operations || isFunction(symbol));
  const results = exported.filter(
    ([, symbol]) => symbol.flags & ts.SymbolFlags.Interface && !symbol.name.endsWith('Options'),
  );
  const text = [
    opening,
    ...inOrder(functions).map(([name, symbol]) => section(checker, name, symbol, exported)),
    '## Results\n\nWhat the functions resolve to, as the source states it. Numbers and texts are of these kinds:',
    '```ts\n' + boundsOf(checker, program).join('\n') + '\n```',
    '```ts\n' + results.map(([, symbol]) => declarationOf(symbol)).join('\n\n') + '\n```',
    '',
  ].join('\n\n');
  return prettier.format(text, { ...(await prettier.resolveConfig(pagePath)), parser: 'markdown' });
}

const opening = `<!-- Made by scripts/make-api-page.mjs from the source of the library. -->

# The library

Every command as a function: options in, a typed result out, nothing printed.

\`\`\`ts
import { AppError, exitCodes } from '@segue-music/segue';

console.log(new AppError('bad-usage', 'an example').exitCode === exitCodes.badInput);
\`\`\`

- **What is left out** is what the command takes: the tables below state it. An option that there is not, or of another
  kind, is an \`AppError\` that names it, with what was got and what is wanted.
- **The context** is the second argument, and may be left out, as may each part of it: \`signal\` stops the call,
  \`onProgress\` is called with how far it is, notes and warnings, \`now\` is what warnings about ages count from.
- **Failures** are \`AppError\`s: \`code\` is stable ([formats.md](formats.md#errors) lists them), \`message\` is for people,
  \`suggestions\` says what to do, \`details\` has the same for programs, \`exitCode\` is the command's. Anything else that is
  thrown is a bug of segue.
- **Options of models** (\`modelOptions\`, \`foldOptions\`) are the flags of \`segue train --help=all\`, by their names in either way:
  \`{ cgSteps: 3 }\` or \`{ 'cg-steps': 3 }\`.
- **Types** come with the package, for \`NodeNext\` and for bundlers, and need no \`skipLibCheck\`.

The examples follow one another, in a folder with the \`examples\` of the package: each is run by a test.`;

/** First what makes a snapshot, then what publishes it, then what asks it, then what looks after it. */
const order = [
  ...['train', 'buildIndex', 'publish', 'similar', 'similarAll', 'recommend', 'recommendAll'],
  ...[
    'recommendByRecipe',
    'listRecipes',
    'resolveRecipe',
    'checkRecipe',
    'userVector',
    'followEvents',
    'openReader',
    'followCurrent',
  ],
  ...[
    'openNeighbourSource',
    'listItems',
    'showItem',
    'listUsers',
    'showUser',
    'listener',
    'audience',
    'addFeedback',
    'listFeedback',
    'undoFeedback',
    'importFeedback',
    'exportFeedback',
    'compactFeedback',
    'verifyFeedback',
    'forgetUser',
    'evaluate',
    'tune',
    'exportVectors',
    'importVectors',
    'listSnapshots',
  ],
  ...['showSnapshot', 'verifySnapshots', 'diffSnapshots', 'report', 'history', 'rollback', 'tag', 'untag'],
  ...['deleteSnapshots', 'gc'],
];

function inOrder(functions) {
  // One that is not listed follows the one that is declared before it.
  let last = 0;
  const places = new Map();
  for (const [name] of functions) {
    last = order.includes(name) ? order.indexOf(name) : last;
    places.set(name, last);
  }
  return functions.toSorted(([a], [b]) => places.get(a) - places.get(b));
}

function isFunction(symbol) {
  return (symbol.flags & ts.SymbolFlags.Function) !== 0;
}

function section(checker, name, symbol, exported) {
  const said = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const rows = Object.entries(operations[name]?.options ?? {}).map(
    ([option, { wanted, fallback, isRequired, about = '', usually }]) => {
      const usual = isRequired ? 'required' : fallback ? `\`${JSON.stringify(fallback())}\`` : '';
      return `| \`${option}\` | ${cell(wanted)} | ${cell(usually ?? usual)} | ${cell(about)} |`;
    },
  );
  const table = ['| option | wanted | by default | |', '| --- | --- | --- | --- |', ...rows].join('\n');
  const reader =
    name === 'openReader' ? ['```ts\n' + declarationOf(ofName(exported, 'Reader')) + '\n```'] : [];
  return [`## ${name}`, signature(checker, name, symbol), said, table, ...reader].join('\n\n');
}

function ofName(exported, wanted) {
  return exported.find(([name]) => name === wanted)[1];
}

function signature(checker, name, symbol) {
  const signatures = checker.getTypeOfSymbol(symbol).getCallSignatures();
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
  const returned = checker.typeToString(signatures.at(-1).getReturnType(), undefined, flags);
  return `\`${name}(…)\` → \`${returned}\``;
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

/** What results call their numbers and texts: the aliases whose tags the schemas have too. */
function boundsOf(checker, program) {
  const contracts = program.getSourceFile(`${repository}src/core/contracts.ts`);
  return checker
    .getExportsOfModule(checker.getSymbolAtLocation(contracts))
    .filter(({ flags, declarations: [{ type }] }) => flags & ts.SymbolFlags.TypeAlias && isBound(type))
    .map((symbol) => declarationOf(symbol).replace(/^\/\/.*\n+/, ''));
}

function isBound(type) {
  return (
    [ts.SyntaxKind.StringKeyword, ts.SyntaxKind.NumberKeyword, ts.SyntaxKind.TypeOperator].includes(
      type.kind,
    ) || type.typeName
  );
}

/** The source of an interface, with its comments. */
function declarationOf(symbol) {
  const [declaration] = symbol.declarations;
  return declaration.getFullText().trim();
}

const page = await apiPage();
if (process.argv[2] === '-') process.stdout.write(page);
else writeFileSync(pagePath, page);
