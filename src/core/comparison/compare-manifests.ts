/** What two manifests say, side by side. */
import type { Text } from '../contracts.js';
import { canonicalJson, type JsonValue } from '../snapshot/canonical-json.js';
import { gateValues } from './manifest-numbers.js';
import type { Manifest, ManifestOptions } from '../snapshot/manifest.js';

/** A setting of either snapshot; null where one does not have it. */
export interface SettingPair {
  readonly name: Text;
  readonly a: JsonValue;
  readonly b: JsonValue;
  readonly same: boolean;
}

/** A number of either snapshot; `change` is b − a, null where one does not have it. */
export interface MetricPair {
  readonly name: Text;
  readonly a: number | null;
  readonly b: number | null;
  readonly change: number | null;
}

/** Everything that was chosen, not measured: by name, sorted, `part.option`. */
export function compareSettings(a: Manifest, b: Manifest): SettingPair[] {
  const [ofA, ofB] = [settingsOf(a), settingsOf(b)];
  return namesOf(ofA, ofB).map((name) => {
    const [valueA = null, valueB = null] = [ofA.get(name), ofB.get(name)];
    return { name, a: valueA, b: valueB, same: canonicalJson(valueA) === canonicalJson(valueB) };
  });
}

/** Every number that a gate can ask for: metrics, and the sizes of what was trained on. */
export function compareMetrics(a: Manifest, b: Manifest): MetricPair[] {
  const [ofA, ofB] = [gateValues(a), gateValues(b)];
  return namesOf(ofA, ofB).map((name) => {
    const [valueA = null, valueB = null] = [ofA.get(name), ofB.get(name)];
    return {
      name,
      a: valueA,
      b: valueB,
      change: valueA === null || valueB === null ? null : valueB - valueA,
    };
  });
}

function settingsOf({ inputs, model, users, index }: Manifest): Map<string, JsonValue> {
  const settings = new Map<string, JsonValue>();
  const add = (part: string, options: ManifestOptions): void => {
    for (const [name, value] of Object.entries(options)) settings.set(`${part}.${name}`, value);
  };
  const { options, kinds, blend, added, ...modelFacts } = model;
  add('model', modelFacts);
  add('model', options);
  if (blend !== undefined) add('model.blend', { algorithmVersion: blend.algorithmVersion, ...blend.options });
  // How many there are follows from the catalogue.
  if (kinds !== undefined) settings.set('model.kinds', Object.keys(kinds).sort());
  if (added !== undefined) settings.set('model.added', added.sha256);
  settings.set('inputs.interactions', inputs.interactions.sha256);
  settings.set('inputs.items', inputs.items?.sha256 ?? null);
  if (users !== null) add('users', users.options);
  if (index !== null) {
    const { kind, encoding, targetRecall } = index.item;
    add('index', { kind, encoding, targetRecall, ...index.item.options });
  }
  return settings;
}

function namesOf(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort();
}
