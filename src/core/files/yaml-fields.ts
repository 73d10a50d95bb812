/**
 * Reads what people write in a small YAML file field by field, and goes on past a mistake, so that one run tells all of
 * them: each with its line, its key, what was got and wanted.
 */
import { AppError } from '../errors.js';
import type { YamlNode } from './yaml-document.js';

export interface FieldMistake {
  readonly line: number;
  /** Such as `canaries[0].within`; '' for the whole file. */
  readonly key: string;
  readonly message: string;
}

/** A value and the key that it stands under. */
export interface FieldValue {
  readonly node: YamlNode;
  readonly key: string;
}

export interface FieldsOptions {
  /** The known word that an unknown one was probably meant to be. */
  readonly nearestWord: (word: string, known: readonly string[]) => string | undefined;
  /** What the reader of an error can do: a sentence. */
  readonly seeAlso: string;
  /** Entries that a list may have. */
  readonly maxItems: number;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

export class YamlFields {
  private readonly path: string;
  private readonly options: FieldsOptions;
  private readonly mistakes: FieldMistake[] = [];

  constructor(path: string, options: FieldsOptions) {
    this.path = path;
    this.options = options;
  }

  add({ line }: Pick<YamlNode, 'line'>, key: string, message: string): void {
    this.mistakes.push({ line, key, message });
  }

  /** AppError 'bad-input-file' where there was a mistake; `details` has the first and all. */
  throwMistakes(): void {
    const { path } = this;
    const mistakes = [...this.mistakes].sort((a, b) => a.line - b.line);
    const [first] = mistakes;
    if (first === undefined) return;
    const texts = mistakes.map(({ line, key, message }) => `line ${line}${key && `, ${key}`}: ${message}`);
    throw new AppError('bad-input-file', `${path} ${texts.join('; ')}`, {
      suggestions: [this.options.seeAlso],
      details: { file: path, line: first.line, key: first.key, mistakes },
    });
  }

  /** The values of a map by key; keys that are not known are mistakes. */
  map<K extends string>(node: YamlNode, at: string, known: readonly K[]): Map<K, YamlNode> {
    const fields = new Map<K, YamlNode>();
    if (node.kind !== 'map') {
      this.add(node, at, `wanted a map of ${known.join(', ')}, got ${inWords(node)}`);
      return fields;
    }
    for (const { key, line, value } of node.entries) {
      const name = known.find((one) => one === key);
      if (name !== undefined) fields.set(name, value);
      else {
        const near = this.options.nearestWord(key, known);
        const meant = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`;
        const shown = JSON.stringify(key.slice(0, 80));
        this.add({ line }, at, `the key ${shown} is not known; ${meant}`);
      }
    }
    return fields;
  }

  /** The values of a list, or a single value of the kind `single` for a list of one. */
  list(node: YamlNode | undefined, at: string, single: readonly YamlNode['kind'][] = ['text']): FieldValue[] {
    if (node === undefined) return [];
    if (single.includes(node.kind) && !(node.kind === 'text' && node.text === '')) return [{ node, key: at }];
    if (node.kind === 'list') {
      const { maxItems } = this.options;
      if (node.items.length > maxItems)
        this.add(node, at, `it has ${node.items.length} entries, ${maxItems} at most are wanted`);
      return node.items.slice(0, maxItems).map((item, index) => ({ node: item, key: `${at}[${index}]` }));
    }
    this.add(node, at, `wanted a list, got ${inWords(node)}`);
    return [];
  }

  /** Ids or names of items: one, or a list that is not empty. */
  items(node: YamlNode | undefined, at: string): string[] {
    const entries = this.list(node, at);
    if (node?.kind === 'list' && entries.length === 0) this.add(node, at, 'the list is empty');
    return entries.flatMap(({ node: item, key }) => this.text(item, key, "an item's id or name") ?? []);
  }

  text(node: YamlNode, at: string, wanted: string): string | undefined {
    if (node.kind === 'text' && node.text.trim() !== '') return node.text;
    this.add(node, at, `wanted ${wanted}, got ${inWords(node)}`);
    return undefined;
  }

  wholeNumber(node: YamlNode | undefined, at: string, { min, max }: Range): number | undefined {
    if (node === undefined) return undefined;
    const value = node.kind === 'text' && /^\d{1,7}$/.test(node.text) ? Number(node.text) : NaN;
    if (value >= min && value <= max) return value;
    this.add(node, at, `wanted a whole number from ${min} to ${max}, got ${inWords(node)}`);
    return undefined;
  }

  decimal(node: YamlNode | undefined, at: string, { min, max }: Range): number | undefined {
    if (node === undefined) return undefined;
    const value =
      node.kind === 'text' && /^[+-]?(\d+\.?\d*|\.\d+)$/.test(node.text) ? Number(node.text) : NaN;
    if (value >= min && value <= max) return value;
    this.add(node, at, `wanted a number from ${min} to ${max}, got ${inWords(node)}`);
    return undefined;
  }

  /** One of a few words. */
  word<W extends string>(node: YamlNode | undefined, at: string, words: readonly W[]): W | undefined {
    if (node === undefined) return undefined;
    const found = words.find((word) => node.kind === 'text' && node.text === word);
    if (found !== undefined) return found;
    const near = node.kind === 'text' ? this.options.nearestWord(node.text, words) : undefined;
    const meant = near === undefined ? '' : `; did you mean ${near}?`;
    this.add(node, at, `wanted ${words.join(' or ')}, got ${inWords(node)}${meant}`);
    return undefined;
  }
}

/** What stands somewhere, as messages say it. */
export function inWords(node: YamlNode): string {
  if (node.kind !== 'text') return `a ${node.kind}`;
  return node.text === '' ? 'nothing' : JSON.stringify(node.text.slice(0, 80));
}
