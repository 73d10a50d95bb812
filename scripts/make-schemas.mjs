// Writes schemas/*.json from the types of what commands print with --json. node scripts/make-schemas.mjs, after a build, which
// checks the types; with --check it writes nothing, and fails where a file is not what it would write. What a type cannot say,
// such as a pattern or a bound, are tags of the aliases in src/core/contracts.ts.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import {
  AnyType,
  EnumType,
  IntersectionType,
  IntersectionTypeFormatter,
  ObjectType,
  ObjectTypeFormatter,
  SchemaGenerator,
  StringType,
  createFormatter,
  createParser,
  createProgram,
} from 'ts-json-schema-generator';
import ts from 'typescript';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** Schema → the type of its document. */
const documents = {
  audience: 'AudienceResult',
  'build-index': 'BuildIndexResult',
  completion: 'CompletionScript',
  'diff-snapshots': 'DiffResult',
  'diff-snapshots-bundles': 'BundleDiffResult',
  error: 'FailureDocument',
  evaluate: 'EvaluateResult',
  explore: 'Exploring',
  export: 'ExportVectorsResult',
  'feedback-add': 'AddFeedbackResult',
  'feedback-compact': 'CompactFeedbackResult',
  'feedback-export': 'ExportFeedbackResult',
  'feedback-forget': 'ForgetUserResult',
  'feedback-import': 'ImportFeedbackResult',
  'feedback-list': 'ListFeedbackResult',
  'feedback-undo': 'UndoFeedbackResult',
  'feedback-verify': 'VerifyFeedbackResult',
  gc: 'GcResult',
  help: 'HelpDocument',
  import: 'ImportVectorsResult',
  'import-dry-run': 'ImportPlan',
  items: 'ListItemsResult',
  'items-add': 'AddItemsResult',
  'items-show': 'ShownItem',
  publish: 'PublishResult',
  'recipe-check': 'CheckRecipeResult',
  'recipe-list': 'RecipeList',
  'recipe-show': 'ResolvedRecipe',
  recommend: 'RecommendResult',
  'recommend-all': 'WrittenRecommendations',
  'recommend-recipe': 'RecipeResult',
  report: 'ReportResult',
  rollback: 'RollbackResult',
  serve: 'Serving',
  similar: 'SimilarResult',
  'similar-all': 'WrittenNeighbours',
  'snapshots-delete': 'DeleteSnapshotsResult',
  'snapshots-history': 'HistoryResult',
  'snapshots-list': 'SnapshotList',
  'snapshots-show': 'ShownSnapshot',
  'snapshots-tag': 'TagResult',
  'snapshots-untag': 'UntagResult',
  'snapshots-verify': 'VerifySnapshotsResult',
  train: 'TrainResult',
  'train-dry-run': 'TrainPlan',
  tune: 'TuneResult',
  'user-vector': 'UserVectorResult',
  'user-vector-all': 'UserVectorsResult',
  'user-vector-explain': 'ListenerFacts',
  users: 'ListUsersResult',
  'users-show': 'ShownUser',
  version: 'VersionDocument',
};

const config = {
  path: `${repository}src/{commands,cli}/**/*.ts`,
  tsconfig: `${repository}tsconfig.json`,
  ...{ skipTypeCheck: true, topRef: false, expose: 'export', jsDoc: 'extended', additionalProperties: false },
};

/** Types that stand for more than can be listed. */
const openTypes = { ErrorCode: new StringType(), JsonValue: new AnyType(), Printed: new AnyType() };
const openTypeParser = {
  supportsNode: (node) =>
    node.pos >= 0 && ts.isTypeReferenceNode(node) && node.typeName.getText() in openTypes,
  createType: (node) => openTypes[node.typeName.getText()],
};

// Keys stand in the order of the type: of what it extends first, and of A & B first those of A.
class Intersections extends IntersectionTypeFormatter {
  getDefinition(type) {
    return super.getDefinition(new IntersectionType(type.getTypes().toReversed()));
  }
}
class Objects extends ObjectTypeFormatter {
  getDefinition(type) {
    const bases = type.getBaseTypes().toReversed();
    return super.getDefinition(
      new ObjectType(type.getId(), bases, type.getProperties(), type.getAdditionalProperties()),
    );
  }
}

const program = createProgram(config);
const checker = program.getTypeChecker();

/** A choice of words, however its type is derived: of a table, the compiler alone knows them. */
const choiceParser = {
  supportsNode: (node) =>
    node.pos >= 0 &&
    (ts.isTypeReferenceNode(node) || ts.isIndexedAccessTypeNode(node)) &&
    wordsOf(node).length > 0,
  createType: (node) => new EnumType(node.getText(), wordsOf(node)),
};

function wordsOf(node) {
  const type = checker.getTypeFromTypeNode(node);
  const all = type.isUnion() ? type.types : [type];
  return all.every((each) => each.isStringLiteral()) ? all.map(({ value }) => value) : [];
}

const parser = createParser(program, config, (chain) =>
  chain.addNodeParser(openTypeParser).addNodeParser(choiceParser),
);
const formatter = createFormatter(config, (chain, whole) =>
  chain.addTypeFormatter(new Objects(whole)).addTypeFormatter(new Intersections(whole)),
);
const generator = new SchemaGenerator(program, parser, formatter, config);

function schemaOf(name) {
  const { $schema, definitions, ...schema } = generator.createSchema(documents[name]);
  const kept = {};
  const plain = (value) => {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref, ...beside } = value;
    if (typeof $ref !== 'string')
      return simplified(Object.fromEntries(Object.entries(beside).map(([key, each]) => [key, plain(each)])));
    const part = decodeURIComponent($ref.replace('#/definitions/', ''));
    // Objects with a name are defined once; what only bounds a number or text stands where it is used.
    if (definitions[part].type === 'object' && /^\w+$/.test(part)) {
      if (!(part in kept)) {
        kept[part] = {};
        kept[part] = plain(definitions[part]);
      }
      return { ...beside, $ref };
    }
    return plain({ ...definitions[part], description: undefined, ...beside });
  };
  const made = plain(schema);
  const sorted = Object.keys(kept).sort();
  const defined =
    sorted.length === 0 ? {} : { definitions: Object.fromEntries(sorted.map((part) => [part, kept[part]])) };
  return { $schema, title: `segue ${name}`, ...made, ...defined };
}

/** The same said shorter: null or a number is of two types, choices are one list, and of a tuple of the same all are that. */
function simplified(schema) {
  const { anyOf, items, ...beside } = schema;
  if (Array.isArray(items)) {
    const [first, ...others] = items.map((each) => ({ ...each, title: undefined }));
    const isSame = others.every((each) => JSON.stringify(each) === JSON.stringify(first));
    return isSame ? { ...beside, items: first } : schema;
  }
  if (!Array.isArray(anyOf)) return schema;
  const wanted = anyOf.filter((each) => !('not' in each));
  if (wanted.length === 1) return { ...beside, ...wanted[0] };
  const choices = wanted.map(choicesOf);
  if (!choices.includes(undefined)) return { ...beside, enum: choices.flat() };
  const types = wanted.map(({ type, enum: some }) => (some === undefined ? type : undefined));
  const areSimple = types.every((type) => ['string', 'number', 'integer', 'array', 'null'].includes(type));
  return areSimple && new Set(types).size === types.length
    ? { ...beside, ...Object.assign({}, ...wanted), type: types }
    : schema;
}

function choicesOf({ type, const: only, enum: some }) {
  return some ?? (type === 'null' ? [null] : only === undefined ? undefined : [only]);
}

/** Each type that a command gives has a schema, so that none is forgotten. */
function requireAll() {
  const known = new Set(Object.values(documents));
  for (const file of program.getSourceFiles().filter(({ fileName }) => fileName.includes('/src/commands/'))) {
    const [command] = checker
      .getExportsOfModule(checker.getSymbolAtLocation(file))
      .filter(({ name }) => name === 'default');
    const run = checker.getDeclaredTypeOfSymbol(command).getProperty('run');
    const promised = checker.getAwaitedType(
      checker.getTypeOfSymbol(run).getCallSignatures()[0].getReturnType(),
    );
    for (const each of promised.isUnion() ? promised.types : [promised]) {
      const given = checker.isArrayType(each) ? checker.getTypeArguments(each)[0] : each;
      for (const type of given.isUnion() ? given.types : [given]) {
        if (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void) || known.has(type.symbol.name))
          continue;
        throw new Error(
          `${file.fileName} gives a ${type.symbol.name}, which has no schema: name it in \`documents\``,
        );
      }
    }
  }
}

requireAll();
// Those for editors are made of other tables (make-key-tables.mjs).
const files = readdirSync(`${repository}schemas`).filter((file) => !file.endsWith('.schema.json'));
const { format } = prettier;
const options = { ...(await prettier.resolveConfig(`${repository}schemas/any.json`)), parser: 'json' };
const texts = new Map();
for (const name of Object.keys(documents))
  texts.set(`${name}.json`, await format(JSON.stringify(schemaOf(name)), options));
const changed = [...new Set([...files, ...texts.keys()])].filter((file) => {
  const path = `${repository}schemas/${file}`;
  return !existsSync(path) || readFileSync(path, 'utf8') !== texts.get(file);
});
for (const file of changed) {
  if (process.argv.includes('--check')) {
    console.error(`schemas/${file} is not what the types say: node scripts/make-schemas.mjs`);
    process.exitCode = 1;
  } else if (texts.has(file)) {
    writeFileSync(`${repository}schemas/${file}`, texts.get(file));
    console.log(`wrote schemas/${file}`);
  } else {
    rmSync(`${repository}schemas/${file}`);
    console.log(`removed schemas/${file}`);
  }
}
