/** Publishing and rolling back, comparing snapshots, reporting on them, listing them and collecting old ones. */
import { choice, flag, or, text, texts, textsByName, wholeNumber } from '../kinds.js';
import { option } from '../option.js';

export const releaseOptions = {
  expect: option(text, {
    about: 'continue only if this snapshot (or none) is current now, else exit 5',
    group: 'PUBLISHING',
    value: 'REF',
    completes: 'references',
  }),
  require: option(or(texts, []), {
    about: "gate that has to pass, such as 'recall@10>=0.9' or 'overlap@10>=0.6'",
    group: 'PUBLISHING',
    value: 'GATE',
  }),
  gates: option(text, {
    about: 'YAML or JSON file of gates and canary items; none: no file',
    group: 'PUBLISHING',
    value: 'FILE',
    usually: 'segue-gates.yaml beside the root, if there is one',
  }),
  why: option(text, { about: 'reason to record in the publication log', group: 'PUBLISHING', value: 'TEXT' }),
  toTime: option(text, {
    about:
      'go back to what was current at this time: ISO 8601 (UTC if it names no zone), or an age such as 2d or 90m',
    group: 'PUBLISHING',
    value: 'TIME',
    usually: 'the previous snapshot',
  }),
  members: option(textsByName, {
    about: 'references of the members of a bundle, by name',
    group: 'PUBLISHING',
  }),

  a: option(or(text, 'current'), {
    about: 'old snapshot',
    group: 'COMPARISON',
    value: 'REF',
    completes: 'references',
  }),
  b: option(or(text, 'latest'), {
    about: 'new snapshot',
    group: 'COMPARISON',
    value: 'REF',
    completes: 'references',
  }),
  failOn: option(or(texts, []), {
    about: "exit 1 if this is true, such as 'overlap@10<0.8'",
    group: 'COMPARISON',
    value: 'CONDITION',
  }),
  comparedAs: option(text, {
    about: 'name of the model to compare, if both snapshots or one are bundles of several',
    group: 'COMPARISON',
    value: 'NAME',
    usually: 'each name of two bundles; of one its first',
  }),
  sample: option(wholeNumber({ min: 1 }), {
    about: 'number of items whose neighbours are compared',
    group: 'COMPARISON',
    usually: 'by the number of items',
  }),
  comparedUsers: option(wholeNumber({ min: 1 }), {
    about:
      'number of users whose recommendations are compared, and whose vectors from A are scored with the items ' +
      'of B',
    group: 'COMPARISON',
    usually: '500, or fewer if there are very many items',
  }),
  against: option(text, {
    about:
      'snapshot to compare with, as diff-snapshots does: id, unique prefix, tag, current, previous or latest',
    group: 'COMPARISON',
    value: 'REF',
    completes: 'references',
  }),
  outputFormat: option(or(choice('text', 'markdown'), 'text'), {
    about: 'output format: text, or markdown for a pull request comment on GitHub',
    group: 'OUTPUT',
    variable: 'OUTPUT_FORMAT',
  }),

  // The report.
  reportFile: option(text, {
    about:
      'HTML file to write too, replacing one that is there: the snapshot and its changes, as report draws them',
    group: 'OUTPUT',
    value: 'FILE',
  }),
  examples: option(or(texts, []), {
    about: 'item whose neighbours to show, by id or name, before those of the most played',
    group: 'INPUT',
    value: 'ITEM',
    completes: 'items',
  }),
  training: option(text, {
    about: 'what segue train --json printed, for the loss of every epoch',
    group: 'INPUT',
    value: 'FILE',
  }),
  evaluation: option(text, {
    about: 'what segue evaluate --json printed, for metrics with intervals and the baseline',
    group: 'INPUT',
    value: 'FILE',
  }),
  map: option(or(flag, true), {
    about: 'whether the map is drawn, which takes seconds to a minute where none is kept yet',
    off: 'leave the map out, which takes seconds to a minute where none is kept yet',
    group: 'INPUT',
  }),
  figures: option(text, {
    about: 'folder to write each figure into too, as SVG',
    group: 'OUTPUT',
    value: 'DIR',
  }),
  png: option(flag, {
    about: 'write each figure as PNG too; needs the package @resvg/resvg-wasm',
    group: 'OUTPUT',
  }),

  tags: option(texts, { about: 'tags to remove', group: 'OUTPUT', value: 'NAME', completes: 'tags' }),
  keep: option(or(wholeNumber({ min: 0 }), 5), {
    about: 'number of newest snapshots to keep, whatever their age',
    group: 'RETENTION',
  }),
  olderThan: option(text, {
    about: 'delete only what was made, and was last current, longer ago than this, such as 30d or 12h',
    group: 'RETENTION',
    value: 'AGE',
    usually: 'any age; 7d for checkpoints',
  }),
  limit: option(wholeNumber({ min: 1, max: 1_000_000_000 }), {
    about: 'maximum number of entries to show, newest first',
    group: 'OUTPUT',
    letter: 'n',
    usually: 'all',
  }),
  snapshots: option(or(texts, []), {
    about: 'snapshots: ids, unique prefixes, tags, current, previous or latest',
    group: 'QUERY',
    value: 'REF',
    completes: 'references',
  }),
};
