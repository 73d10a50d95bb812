/** The numbers that a manifest states, by the names that gates and comparisons use. */
import type { Manifest, ManifestOptions } from '../snapshot/manifest.js';
import { totalBytes } from '../snapshot/verify.js';

/** What is measured of every snapshot, and can be compared between two: metrics, and the sizes of what was trained on. */
export function gateValues(manifest: Manifest): ReadonlyMap<string, number> {
  const { users, items, pairs } = manifest.inputs.interactions;
  const values = new Map(Object.entries({ users, items, interactions: pairs }));
  if (manifest.index !== null) values.set('recall@10', manifest.index.item.recallAt10);
  for (const [name, value] of Object.entries(manifest.metrics)) values.set(name, value);
  return values;
}

/** Every number in a manifest by the name that gates use: those of `gateValues`, and what was chosen, by flag name. */
export function manifestNumbers(manifest: Manifest): ReadonlyMap<string, number> {
  const { inputs, model, users, index } = manifest;
  const values = new Map(gateValues(manifest));
  const add = (name: string, value: unknown): void => {
    if (typeof value === 'number' && !values.has(name)) values.set(name, value);
  };
  const addAll = (options: ManifestOptions): void => {
    for (const [name, value] of Object.entries(options)) add(name, value);
  };
  add('events', inputs.interactions.events);
  add('catalogue', inputs.items?.rows);
  add('bytes', totalBytes(manifest));
  add('dim', model.dim);
  add('unconverged', users?.unconverged);
  if (index !== null) {
    const { lists, probes, targetRecall } = index.item;
    addAll({ lists, probes, 'target-recall': targetRecall });
  }
  addAll(model.options);
  addAll(model.parameters ?? {});
  return values;
}
