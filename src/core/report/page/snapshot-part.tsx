/** @jsxImportSource preact */
import type { VNode } from 'preact';
import { byteSize, count, counted } from '../../number-text.js';
import type { Manifest, ManifestOptions } from '../../snapshot/manifest.js';
import type { ReportData } from '../gather-report.js';
import { Facts, Section, Table, type Fact } from './page-parts.js';
import { number, words } from './report-figure.js';

export function SnapshotPart({ data: { manifest } }: { readonly data: ReportData }): VNode {
  const { model, users, inputs } = manifest;
  const { interactions, items, vectors, userVectors, feedback } = inputs;
  return (
    <Section id="snapshot" title="What was trained on what">
      <h3>Data</h3>
      <Facts
        facts={[
          ['events', interactions.events === 0 ? null : count(interactions.events)],
          ['pairs of user and item', count(interactions.pairs)],
          ['users', count(interactions.users)],
          ['items', count(interactions.items)],
          ['first event', shortTime(interactions.firstAt)],
          ['last event', shortTime(interactions.lastAt)],
          ['sha256 of the pairs', interactions.sha256],
          ['items in the catalogue', items === null ? null : count(items.rows)],
          ['sha256 of the catalogue', items?.sha256],
          ['imported vectors', vectors === undefined ? null : count(vectors.rows)],
          ['sha256 of these', vectors?.sha256],
          ['imported vectors of users', userVectors === undefined ? null : count(userVectors.rows)],
          [
            'feedback',
            feedback === undefined ? null : `ledger ${feedback.ledger} up to entry ${count(feedback.seq)}`,
          ],
        ]}
      />
      <h3>Model</h3>
      <Facts
        facts={[
          ['model', model.name],
          ['dimensions', model.dim > 0 ? count(model.dim) : null],
          ['score', model.scorer],
          ['users’ vectors', users === null ? 'none kept' : model.fold],
          ['seed', count(model.seed)],
          ['version of the algorithm', count(model.algorithmVersion)],
          ...Object.entries(model.kinds ?? {}).map(([kind, { vectors: made }]): Fact => [
            `${kind} vectors`,
            count(made),
          ]),
        ]}
      />
      <h3>Options</h3>
      <Facts
        facts={[
          ...factsOf(model.options),
          ...factsOf(model.parameters ?? {}, ' (from the data)'),
          ...factsOf(model.blend?.options ?? {}, ` (of ${model.blend?.name ?? ''})`),
        ]}
      />
      <h3>Lineage</h3>
      <Facts facts={lineageOf(manifest)} />
      <Files manifest={manifest} />
    </Section>
  );
}

/** To the second: what a person compares. */
function shortTime(time: string | null): string | null {
  return time === null ? null : time.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}

function factsOf(options: ManifestOptions, suffix = ''): Fact[] {
  return Object.entries(options).map(([name, value]) => [`${name}${suffix}`, optionText(value)]);
}

/** Numbers as short as people read them; the manifest has all digits. */
function optionText(value: ManifestOptions[string]): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && !Number.isInteger(value)
    ? String(Number(value.toPrecision(6)))
    : JSON.stringify(value);
}

function lineageOf({ id, basis, parent }: Manifest): Fact[] {
  return [
    ['this snapshot', id],
    ['made from', parent ?? 'events: it is a training itself'],
    ['training that all vectors come from', basis === id ? 'this one' : basis],
  ];
}

function Files({ manifest: { files, checksum } }: { readonly manifest: Manifest }): VNode {
  const all = Object.entries(files);
  const bytes = all.reduce((sum, [, file]) => sum + file.bytes, 0);
  return (
    <details class="files">
      <summary>{`Files: ${counted(all.length, 'file')}, ${byteSize(bytes)}`}</summary>
      <Table
        caption={`Files of the snapshot; checksum of the manifest ${checksum}`}
        head={[words('file'), number('size'), words('sha256')]}
        rows={all.map(([path, file]) => [path, byteSize(file.bytes), file.sha256])}
      />
    </details>
  );
}
