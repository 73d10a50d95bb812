/**
 * Small YAML or JSON files that people write: read into maps, lists and texts that know their lines. Every scalar is
 * its text (a song is called 1979, another "Yes"), so whoever wants a number parses it. What makes YAML dangerous is
 * refused: aliases (they multiply), tags, several documents, repeated keys, deep nesting, and size.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { CST, ParsedNode } from 'yaml';
import { AppError, errnoOf, machineError } from '../errors.js';
import { kindOf } from './safe-open.js';
import { mistakeIn } from './yaml-mistakes.js';

/** A line counts from 1. */
export type YamlNode =
  | { readonly kind: 'map'; readonly line: number; readonly entries: readonly YamlEntry[] }
  | { readonly kind: 'list'; readonly line: number; readonly items: readonly YamlNode[] }
  | { readonly kind: 'text'; readonly line: number; readonly text: string };

export interface YamlEntry {
  readonly key: string;
  readonly line: number;
  readonly value: YamlNode;
}

const maxBytes = 64 << 10;
/** Composing deep nesting can end the whole process (V8 runs out of stack inside a regular expression). */
const maxDepth = 32;

/**
 * The content of the file at `path`; undefined where it has none. JSON is read as the YAML that it is. Throws
 * bad-input-file with `file` and `line` in the details, and machine errors.
 */
export async function readYamlFile(path: string): Promise<YamlNode | undefined> {
  return parseYaml(readText(path), path);
}

/** The same from a text; `path` is for messages. */
export async function parseYaml(text: string, path: string): Promise<YamlNode | undefined> {
  const { Composer, LineCounter, Parser, isAlias, isScalar, isSeq } = await import('yaml');
  const lines = new LineCounter();
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const refused = (offset: number, what: string): AppError => badLine(path, lineAt(offset), what);

  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  if (depthOf(tokens) > maxDepth) throw badFile(path, `it is nested more than ${maxDepth} levels deep`);
  const options = { schema: 'failsafe', prettyErrors: false, uniqueKeys: false, logLevel: 'silent' } as const;
  const [document, second] = new Composer(options).compose(tokens, true, text.length);
  const [problem] = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  if (problem !== undefined) {
    const { offset, what } = mistakeIn(text, problem);
    throw refused(offset, what);
  }
  if (second !== undefined) throw refused(second.range[0], 'a second document begins; one is wanted');

  const convert = (node: ParsedNode): YamlNode => {
    const line = lineAt(node.range[0]);
    if (isAlias(node))
      throw refused(node.range[0], `an alias (*${node.source}); write out what it stands for`);
    if (node.tag !== undefined) throw refused(node.range[0], `a tag (${node.tag}); tags are not allowed`);
    if (isScalar(node)) return { kind: 'text', line, text: String(node.value) };
    if (isSeq(node)) return { kind: 'list', line, items: node.items.map(convert) };
    const seen = new Set<string>();
    const entries = node.items.map(({ key, value }): YamlEntry => {
      const name = convert(key);
      if (name.kind !== 'text') throw badLine(path, name.line, 'a key that is not text');
      if (seen.has(name.text)) throw badLine(path, name.line, `the key ${JSON.stringify(name.text)} again`);
      seen.add(name.text);
      const { line: keyLine } = name;
      return {
        key: name.text,
        line: keyLine,
        value: value === null ? { kind: 'text', line: keyLine, text: '' } : convert(value),
      };
    });
    return { kind: 'map', line, entries };
  };
  const contents = document?.contents ?? null;
  return contents === null ? undefined : convert(contents);
}

/** The error that a line of such a file is not what is wanted. */
function badLine(file: string, line: number, what: string): AppError {
  return new AppError('bad-input-file', `${file} line ${line}: ${what}`, { details: { file, line } });
}

function badFile(file: string, what: string): AppError {
  return new AppError('bad-input-file', `${file}: ${what}`, { details: { file } });
}

/** How deep the parsed tokens nest. The parser itself keeps its stack in an array, and so does this. */
function depthOf(tokens: readonly CST.Token[]): number {
  let deepest = 0;
  const waiting: { token: CST.Token | null | undefined; depth: number }[] = tokens.map((token) => ({
    token,
    depth: 0,
  }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (token === null || token === undefined) continue;
    deepest = Math.max(deepest, depth);
    if ('value' in token) waiting.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const item of token.items) {
      waiting.push({ token: item.key, depth: depth + 1 }, { token: item.value, depth: depth + 1 });
    }
  }
  return deepest;
}

/** A regular file, through links: whoever names a file may have linked it. */
function readText(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw badFile(path, 'there is no such file');
    throw machineError(error, `read ${path}`);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw badFile(path, `it is ${kindOf(stat)} where a file was expected`);
    if (stat.size > maxBytes) throw badFile(path, `it has ${stat.size} bytes; at most ${maxBytes} are read`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(fd));
  } catch (error) {
    if (error instanceof TypeError) throw badFile(path, 'it is not UTF-8');
    throw machineError(error, `read ${path}`);
  } finally {
    closeSync(fd);
  }
}
