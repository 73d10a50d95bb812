// Makes the Python client's methods and types of openapi.json: scripts/make-openapi.mjs writes them.

/** clients/python/src/segue_client/operations.py, as Ruff formats it. */
export function pythonClient({ paths, components: { schemas } }) {
  const classes = new Map();
  const python = (schema, name, isGiven) => typeOf(schema, name, { schemas, classes, isGiven });
  const keysOf = ({ $ref = '' }) => Object.keys(schemas[$ref.split('/').at(-1)]?.properties ?? {});
  const methods = Object.entries(paths)
    .flatMap(([path, byMethod]) =>
      Object.entries(byMethod).map(([method, operation]) =>
        methodOf(path, method, operation, python, keysOf),
      ),
    )
    .sort((a, b) => (a < b ? -1 : 1));
  return `"""What \`\`segue serve\`\` answers, and a method for each operation. Made by scripts/make-openapi.mjs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, final


${[...classes.values()].join('\n\n')}

class Operations(ABC):
    """Every operation of a service. What is None is not sent."""

    @abstractmethod
    def _ask(self, method: str, path: str, given: dict[str, Any], body: str = "", with_ids: bool = False) -> Any: ...

${methods.join('\n')}`;
}

function methodOf(
  path,
  method,
  { operationId, summary, parameters = [], requestBody, responses },
  python,
  keysOf,
) {
  const name = snakeCase(operationId);
  const className = pascalCase(operationId);
  const [[body, list] = []] = Object.entries(
    requestBody?.content['application/json'].schema.properties ?? {},
  );
  // `fields` would leave answers that have no type, and a cursor comes in a header.
  const taken = parameters.filter((each) => !['fields', 'cursor'].includes(each.name));
  const [needed, others] = [true, false].map((wanted) =>
    taken.filter((each) => (each.required ?? false) === wanted).map((each) => [snakeCase(each.name), each]),
  );
  const words = [
    'self',
    ...needed.map(([key, { schema }]) => `${key}: ${listsOrOne(python(schema, className, true))}`),
    ...(body === undefined ? [] : [`${body}: ${python(list, className, true)}`]),
    ...(others.length === 0 ? [] : ['*']),
    ...others.map(
      ([key, { schema }]) => `${key}: ${listsOrOne(python(schema, className, true))} | None = None`,
    ),
  ];
  const answers = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content }]) => Object.values(content)[0].schema);
  const answer = union(answers.map((schema) => python(schema, `${className}Answer`, false)));
  const hasIds = body !== undefined && keysOf(list.items).includes('id');
  const more = hasIds ? ' Entries without an id get one, so that what is sent twice counts once.' : '';
  const asked = [
    ...[method.toUpperCase(), path].map((text) => JSON.stringify(text)),
    words.length === 1 ? '{}' : 'locals()',
    ...(body === undefined ? [] : [JSON.stringify(body)]),
    ...(hasIds ? ['with_ids=True'] : []),
  ];
  const signature =
    words.length === 1 ? 'self' : `\n${words.map((word) => `        ${word},\n`).join('')}    `;
  return `    def ${name}(${signature}) -> ${answer}:
${docstring(`${summary}.${more}`, 8)}
        answer: ${answer} = self._ask(${asked.join(', ')})
        return answer
`;
}

/** @param name what an object without a name of its own is called */
function typeOf(schema, name, made) {
  const { $ref, anyOf, type, items, properties, additionalProperties, description = '' } = schema;
  if ($ref !== undefined) {
    const named = $ref.split('/').at(-1);
    return typeOf(made.schemas[named], named, made);
  }
  if (anyOf !== undefined) {
    const isMany = anyOf.filter(({ type: each }) => each === 'object').length > 1;
    return union(anyOf.map((each, at) => typeOf(each, isMany ? `${name}${at + 1}` : name, made)));
  }
  if ('const' in schema || 'enum' in schema) return literal(schema.enum ?? [schema.const], name, made);
  if (Array.isArray(type)) return union(type.map((each) => typeOf({ ...schema, type: each }, name, made)));
  if (type === 'array') return `${made.isGiven ? 'Sequence' : 'list'}[${typeOf(items, name, made)}]`;
  if (schema.format === 'binary') return 'bytes';
  if (type !== 'object') return plainTypes[type] ?? (properties === undefined ? 'Any' : open(made));
  if (description.startsWith('What `fields` leaves')) return '';
  // A key that a catalogue brings has no name here.
  if (properties === undefined || typeof additionalProperties === 'object') return open(made);
  if (!made.classes.has(name)) {
    made.classes.set(name, '');
    made.classes.set(name, classOf(schema, name, made));
  }
  return name;
}

const plainTypes = { string: 'str', integer: 'int', number: 'float', boolean: 'bool', null: 'None' };

const open = ({ isGiven }) => (isGiven ? 'Mapping[str, Any]' : 'dict[str, Any]');

/** A TypedDict whose optional keys may be missing, for a Python without NotRequired. */
function classOf({ properties, required = [], description }, name, made) {
  const entries = Object.entries(properties).map(([key, schema]) => ({
    key: made.isGiven ? snakeCase(key) : key,
    type: typeOf(schema, name + pascalCase(key), made),
    isNeeded: required.includes(key),
  }));
  const needed = entries.filter(({ isNeeded }) => isNeeded);
  const rest = entries.filter(({ isNeeded }) => !isNeeded);
  const parts = [
    { part: `_${name}Needed`, own: needed, total: '' },
    { part: `_${name}Rest`, own: rest, total: ', total=False' },
  ].filter(({ own }) => own.length > 0);
  const lines = [];
  const bases = [];
  const isLast = (at) => at === parts.length - 1;
  for (const [at, { part, own, total }] of parts.entries()) {
    const isClass = own.every(({ key }) => !pythonWords.has(key));
    const body = own.map(({ key, type }) => `    ${key}: ${type}\n`).join('');
    if (isClass && isLast(at)) {
      const text = description === undefined ? '' : `${docstring(description, 4)}\n\n`;
      const all = bases.length === 0 ? 'TypedDict' : bases.join(', ');
      return [...lines, `@final\nclass ${name}(${all}${total}):\n${text}${body}`].join('\n\n');
    }
    const keys = own.map(({ key, type }) => `        "${key}": "${type.replaceAll('"', "'")}",\n`).join('');
    lines.push(
      isClass
        ? `class ${part}(TypedDict${total}):\n${body}`
        : `${part} = TypedDict(\n    "${part}",\n    {\n${keys}    },\n${total === '' ? '' : '    total=False,\n'})\n`,
    );
    bases.push(part);
  }
  const text = description === undefined ? `    """What has these keys."""` : docstring(description, 4);
  return [...lines, `@final\nclass ${name}(${bases.join(', ')}):\n${text}\n`].join('\n\n');
}

/** Names that stand for something else where a name is wanted. */
const pythonWords = new Set(['as', 'for', 'from', 'in', 'is', 'not', 'with']);

/** max-per-artist, maxPerArtist → max_per_artist; for → for_ */
function snakeCase(name) {
  const snake = name.replaceAll('-', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return pythonWords.has(snake) ? `${snake}_` : snake;
}

function pascalCase(name) {
  return name.replaceAll(/(?:^|-)([a-z])/g, (_, letter) => letter.toUpperCase());
}

/** What has many values has a name, and a line for each. */
function literal(values, name, { classes }) {
  const texts = values.filter((value) => value !== null).map((value) => JSON.stringify(value));
  const isLong = texts.length > 8;
  if (isLong) classes.set(name, `${name} = Literal[\n${texts.map((text) => `    ${text},\n`).join('')}]\n`);
  return union([isLong ? name : `Literal[${texts.join(', ')}]`, ...(values.includes(null) ? ['None'] : [])]);
}

function union(types) {
  const all = [...new Set(types.flatMap((type) => (type === '' ? [] : type.split(/ \| (?![^[]*\])/))))];
  return [...all.filter((type) => type !== 'None'), ...all.filter((type) => type === 'None')].join(' | ');
}

/** A list of one may be given without brackets. */
function listsOrOne(type) {
  const [, of] = /^Sequence\[(.*)\]$/.exec(type) ?? [];
  return of === undefined ? type : `${of} | ${type}`;
}

/** In lines of at most 120 characters. */
function docstring(text, indentation) {
  const indent = ' '.repeat(indentation);
  const sentence = /[.!?]$/.test(text) ? text : `${text}.`;
  const isShort = sentence.length + indentation + 6 <= 120;
  if (isShort) return `${indent}"""${sentence}"""`;
  const lines = [''];
  for (const word of sentence.split(' ')) {
    const last = lines.at(-1);
    if (`${indent}${last} ${word}`.length > 120) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return [`${indent}"""`, ...lines.map((line) => indent + line), `${indent}"""`].join('\n');
}
