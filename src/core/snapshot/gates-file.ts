/** The gates file: gates and canary items that are kept beside a project (docs/formats.md has its keys). */
import { lstatSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { AppError } from '../errors.js';
import { readYamlFile } from '../files/yaml-document.js';
import type { YamlNode } from '../files/yaml-document.js';
import { nearestWord } from '../store/edit-distance.js';
import { maxWithin } from './canary-item.js';
import type { CanaryItem } from './canary-item.js';
import { parseComparison } from './comparison.js';
import type { NumberGate } from './gates.js';

export interface Gates {
  readonly numbers: readonly NumberGate[];
  readonly canaries: readonly CanaryItem[];
}

const fileNames = ['segue-gates.yaml', 'segue-gates.yml', 'segue-gates.json'];

/** Neighbours that `similar` and `recommend` give without -k. */
const usualWithin = 10;

const maxItems = 1000;

/** The gates file in the directory that holds the root, or undefined. Throws bad-usage where there are several. */
export function findGatesFile(root: string): string | undefined {
  const directory = dirname(resolve(root));
  const found = fileNames
    .map((name) => join(directory, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
  if (found.length <= 1) return found[0];
  throw new AppError('bad-usage', `there are several gates files: ${found.join(' and ')}`, {
    suggestions: [`name one: --gates ${found[0] ?? ''}`],
    details: { files: found },
  });
}

/** Throws bad-input-file with every mistake: its line, its key, what was got and wanted. */
export async function readGatesFile(path: string): Promise<Gates> {
  const content = await readYamlFile(path);
  const reader = new GatesReader(path);
  const gates = reader.gates(content);
  reader.throwMistakes();
  return gates;
}

interface Mistake {
  readonly line: number;
  /** Such as `canaries[0].within`. */
  readonly key: string;
  readonly message: string;
}

const gatesKeys = ['require', 'canaries'] as const;
const canaryKeys = [
  ...(['similar', 'minus', 'like', 'dislike', 'contains', 'lacks'] as const),
  ...(['within', 'min-similarity'] as const),
];
type CanaryKey = (typeof canaryKeys)[number];

/** Reads on past a mistake, so that one run tells all of them. */
class GatesReader {
  private readonly path: string;
  private readonly mistakes: Mistake[] = [];

  constructor(path: string) {
    this.path = path;
  }

  gates(content: YamlNode | undefined): Gates {
    const fields = content === undefined ? new Map<never, never>() : this.fields(content, '', gatesKeys);
    return {
      numbers: this.list(fields.get('require'), 'require').flatMap(({ node, key }) => this.number(node, key)),
      canaries: this.list(fields.get('canaries'), 'canaries', 'map').flatMap(({ node, key }) =>
        this.canary(node, key),
      ),
    };
  }

  throwMistakes(): void {
    const { mistakes, path } = this;
    const [first] = mistakes.sort((a, b) => a.line - b.line);
    if (first === undefined) return;
    const texts = mistakes.map(({ line, key, message }) => `line ${line}${key && `, ${key}`}: ${message}`);
    throw new AppError('bad-input-file', `${path} ${texts.join('; ')}`, {
      suggestions: ['docs/formats.md has all keys of a gates file'],
      details: { file: path, line: first.line, key: first.key, mistakes },
    });
  }

  private number(node: YamlNode, key: string): NumberGate[] {
    const text = this.text(node, key, "a comparison such as 'ndcg@100>=0.2'");
    if (text === undefined) return [];
    try {
      return [{ ...parseComparison(text, key), source: this.sourceOf(node) }];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.add(
        node,
        key,
        `${JSON.stringify(text.slice(0, 80))} is no comparison: wanted NAME>=NUMBER, or <=, > or <`,
      );
      return [];
    }
  }

  private canary(node: YamlNode, key: string): CanaryItem[] {
    const fields = this.fields(node, key, canaryKeys);
    const items = (name: CanaryKey): string[] => this.items(fields.get(name), `${key}.${name}`);
    const [similar, minus, like, dislike] = [
      items('similar'),
      items('minus'),
      items('like'),
      items('dislike'),
    ];
    const contains = items('contains');
    const lacks = items('lacks');
    const within = this.wholeNumber(fields.get('within'), `${key}.within`);
    const minSimilarity = this.decimal(fields.get('min-similarity'), `${key}.min-similarity`);
    const isSimilar = fields.has('similar') || fields.has('minus');
    const isRecommend = fields.has('like') || fields.has('dislike');
    if (isSimilar === isRecommend) {
      this.add(node, key, 'wanted either similar (and minus) or like (and dislike), which say what is asked');
    } else if (isSimilar && !fields.has('similar')) this.add(node, key, 'minus needs similar beside it');
    if (!fields.has('contains') && !fields.has('lacks'))
      this.add(node, key, 'wanted contains or lacks, which say what is looked for');
    const least = fields.get('min-similarity');
    if (least !== undefined && isRecommend) {
      this.add(least, `${key}.min-similarity`, 'recommendations have no similarity; it belongs to similar');
    } else if (least !== undefined && !fields.has('contains')) {
      this.add(least, `${key}.min-similarity`, 'it needs contains beside it');
    }
    const asked = isSimilar
      ? ({ kind: 'similar', items: similar, minus } as const)
      : ({ kind: 'recommend', like, dislike } as const);
    return [
      { asked, contains, lacks, within: within ?? usualWithin, minSimilarity, source: this.sourceOf(node) },
    ];
  }

  /** The values of a map by key; keys that are not known are mistakes. */
  private fields<K extends string>(node: YamlNode, at: string, known: readonly K[]): Map<K, YamlNode> {
    const fields = new Map<K, YamlNode>();
    if (node.kind !== 'map') {
      this.add(node, at, `wanted a map of ${known.join(', ')}, got ${inWords(node)}`);
      return fields;
    }
    for (const { key, line, value } of node.entries) {
      const name = known.find((one) => one === key);
      if (name !== undefined) fields.set(name, value);
      else {
        const near = nearestWord(key, known);
        const meant = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`;
        const shown = JSON.stringify(key.slice(0, 80));
        this.mistakes.push({ line, key: at, message: `the key ${shown} is not known; ${meant}` });
      }
    }
    return fields;
  }

  /** The values of a list, or a single value for a list of one. */
  private list(
    node: YamlNode | undefined,
    at: string,
    single: 'text' | 'map' = 'text',
  ): { node: YamlNode; key: string }[] {
    if (node === undefined) return [];
    if (node.kind === single && !(node.kind === 'text' && node.text === '')) return [{ node, key: at }];
    if (node.kind === 'list') {
      if (node.items.length > maxItems)
        this.add(node, at, `it has ${node.items.length} entries, ${maxItems} at most are wanted`);
      return node.items.slice(0, maxItems).map((item, index) => ({ node: item, key: `${at}[${index}]` }));
    }
    this.add(node, at, `wanted a list, got ${inWords(node)}`);
    return [];
  }

  private items(node: YamlNode | undefined, at: string): string[] {
    const entries = this.list(node, at);
    if (node?.kind === 'list' && entries.length === 0) this.add(node, at, 'the list is empty');
    return entries.flatMap(({ node: item, key }) => this.text(item, key, "an item's id or name") ?? []);
  }

  private text(node: YamlNode, at: string, wanted: string): string | undefined {
    if (node.kind === 'text' && node.text.trim() !== '') return node.text;
    this.add(node, at, `wanted ${wanted}, got ${inWords(node)}`);
    return undefined;
  }

  private wholeNumber(node: YamlNode | undefined, at: string): number | undefined {
    if (node === undefined) return undefined;
    const value = node.kind === 'text' && /^\d{1,4}$/.test(node.text) ? Number(node.text) : NaN;
    if (value >= 1 && value <= maxWithin) return value;
    this.add(node, at, `wanted a whole number from 1 to ${maxWithin}, got ${inWords(node)}`);
    return undefined;
  }

  private decimal(node: YamlNode | undefined, at: string): number | undefined {
    if (node === undefined) return undefined;
    const value =
      node.kind === 'text' && /^[+-]?(\d+\.?\d*|\.\d+)$/.test(node.text) ? Number(node.text) : NaN;
    if (value >= -1 && value <= 1) return value;
    this.add(node, at, `wanted a number from -1 to 1, got ${inWords(node)}`);
    return undefined;
  }

  private sourceOf({ line }: YamlNode): string {
    return `${basename(this.path)}:${line}`;
  }

  private add({ line }: YamlNode, key: string, message: string): void {
    this.mistakes.push({ line, key, message });
  }
}

function inWords(node: YamlNode): string {
  if (node.kind !== 'text') return `a ${node.kind}`;
  return node.text === '' ? 'nothing' : JSON.stringify(node.text.slice(0, 80));
}
