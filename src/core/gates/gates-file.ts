/** The gates file: gates and canary items that are kept beside a project (docs/formats.md has its keys). */
import { lstatSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { AppError } from '../errors.js';
import { fileWord } from '../shell-word.js';
import { readYamlFile } from '../files/yaml-document.js';
import type { YamlNode } from '../files/yaml-document.js';
import { YamlFields } from '../files/yaml-fields.js';
import { nearestWord } from '../edit-distance.js';
import { maxWithin } from './canary-item.js';
import type { CanaryItem } from './canary-item.js';
import { parseComparison } from '../comparison/number-condition.js';
import type { NumberGate } from './gates.js';

export interface Gates {
  readonly numbers: readonly NumberGate[];
  readonly canaries: readonly CanaryItem[];
}

const fileNames = ['segue-gates.yaml', 'segue-gates.yml', 'segue-gates.json'];

/** Neighbours that `similar` and `recommend` give without -k. */
const defaultWithin = 10;

/** The gates file in the directory that holds the root, or undefined. Throws bad-usage where there are several. */
export function findGatesFile(root: string): string | undefined {
  const directory = dirname(resolve(root));
  const found = fileNames
    .map((name) => join(directory, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
  if (found.length <= 1) return found[0];
  throw new AppError('bad-usage', `there are several gates files: ${found.join(' and ')}`, {
    suggestions: [`name one: \`gates\` ${fileWord(found[0] ?? '')}`],
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

const gatesKeys = ['require', 'canaries'] as const;
const canaryKeys = [
  ...(['similar', 'minus', 'like', 'dislike', 'contains', 'lacks'] as const),
  ...(['within', 'min-similarity'] as const),
];
type CanaryKey = (typeof canaryKeys)[number];

class GatesReader {
  private readonly path: string;
  private readonly read: YamlFields;

  constructor(path: string) {
    this.path = path;
    this.read = new YamlFields(path, {
      nearestWord,
      seeAlso: 'docs/formats.md has all keys of a gates file',
      maxItems: 1000,
    });
  }

  gates(content: YamlNode | undefined): Gates {
    const { read } = this;
    const fields = content === undefined ? new Map<never, never>() : read.map(content, '', gatesKeys);
    return {
      numbers: read.list(fields.get('require'), 'require').flatMap(({ node, key }) => this.number(node, key)),
      canaries: read
        .list(fields.get('canaries'), 'canaries', ['map'])
        .flatMap(({ node, key }) => this.canary(node, key)),
    };
  }

  throwMistakes(): void {
    this.read.throwMistakes();
  }

  private number(node: YamlNode, key: string): NumberGate[] {
    const text = this.read.text(node, key, "a comparison such as 'ndcg@100>=0.2'");
    if (text === undefined) return [];
    try {
      return [{ ...parseComparison(text, key), source: this.sourceOf(node) }];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.read.add(
        node,
        key,
        `${JSON.stringify(text.slice(0, 80))} is not a comparison: wanted NAME>=NUMBER, or <=, > or <`,
      );
      return [];
    }
  }

  private canary(node: YamlNode, key: string): CanaryItem[] {
    const { read } = this;
    const fields = read.map(node, key, canaryKeys);
    const items = (name: CanaryKey): string[] => read.items(fields.get(name), `${key}.${name}`);
    const [similar, minus, like, dislike] = [
      items('similar'),
      items('minus'),
      items('like'),
      items('dislike'),
    ];
    const contains = items('contains');
    const lacks = items('lacks');
    const within = read.wholeNumber(fields.get('within'), `${key}.within`, { min: 1, max: maxWithin });
    const minSimilarity = read.decimal(fields.get('min-similarity'), `${key}.min-similarity`, {
      min: -1,
      max: 1,
    });
    const isSimilar = fields.has('similar') || fields.has('minus');
    const isRecommend = fields.has('like') || fields.has('dislike');
    if (isSimilar === isRecommend) {
      read.add(node, key, 'wanted either similar (and minus) or like (and dislike), for the query');
    } else if (isSimilar && !fields.has('similar')) read.add(node, key, 'minus needs similar beside it');
    if (!fields.has('contains') && !fields.has('lacks'))
      read.add(node, key, 'wanted contains or lacks, for the items to look for');
    const least = fields.get('min-similarity');
    if (least !== undefined && isRecommend) {
      read.add(least, `${key}.min-similarity`, 'recommendations have no similarity; it belongs to similar');
    } else if (least !== undefined && !fields.has('contains')) {
      read.add(least, `${key}.min-similarity`, 'it needs contains beside it');
    }
    const asked = isSimilar
      ? ({ kind: 'similar', items: similar, minus } as const)
      : ({ kind: 'recommend', like, dislike } as const);
    return [
      { asked, contains, lacks, within: within ?? defaultWithin, minSimilarity, source: this.sourceOf(node) },
    ];
  }

  private sourceOf({ line }: YamlNode): string {
    return `${basename(this.path)}:${line}`;
  }
}
