/** Manifests that no segue wrote: each puts one at a path, where nothing is. */
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { completeManifest, manifestText } from '#dist/core/snapshot/manifest.js';
import type { Manifest } from '#dist/core/snapshot/manifest.js';

export interface HostileManifest {
  readonly what: string;
  /** Wants root; elsewhere it cannot be made. */
  readonly needsRoot?: boolean;
  /** damaged-snapshot unless said. */
  readonly code?: 'not-a-snapshot' | 'newer-format';
  /** May be done later. */
  put(path: string, whole: Manifest): unknown;
}

type Json = Record<string, any>;

const digest = { bytes: 1, sha256: '0'.repeat(64) };

/** The manifest with a change and a checksum that fits it. */
function signed(what: string, change: (manifest: Json) => void): HostileManifest {
  return {
    what,
    put(path, whole) {
      const changed = JSON.parse(JSON.stringify(whole)) as Json;
      change(changed);
      const { files, ...rest } = changed;
      // A model decides the version, and is read of one that has none: it is inherited, so that it is not written.
      const content = Object.assign(Object.create({ model: {} }) as Manifest, rest);
      const complete = completeManifest(content, new Map(Object.entries(files)));
      // What completeManifest sets itself may be what is to be changed.
      writeFileSync(path, manifestText({ ...complete, ...changed, checksum: complete.checksum }));
    },
  };
}

/** The manifest's own text, edited. */
function edited(
  what: string,
  edit: (text: string) => string | Buffer,
  code?: 'newer-format' | 'not-a-snapshot',
) {
  return {
    what,
    ...(code === undefined ? {} : { code }),
    put: (path: string, whole: Manifest) => writeFileSync(path, edit(manifestText(whole))),
  } satisfies HostileManifest;
}

/** A file of its own. */
const withFile = (name: string): HostileManifest =>
  signed(`the file ${JSON.stringify(name)}`, ({ files }) => (files[name] = digest));

const version = (value: string, code?: 'newer-format' | 'not-a-snapshot'): HostileManifest =>
  edited(
    `format version ${value}`,
    (text) => text.replace(/"formatVersion": ?\d+/, `"formatVersion": ${value}`),
    code,
  );

export const hostileManifests: readonly HostileManifest[] = [
  { what: 'nothing', put: (path) => writeFileSync(path, '') },
  { what: 'no JSON', put: (path) => writeFileSync(path, 'hello\u001b[2J') },
  { what: 'half of itself', put: (path, whole) => writeFileSync(path, manifestText(whole).slice(0, 500)) },
  {
    what: '1 GB',
    put(path) {
      const fd = openSync(path, 'w');
      ftruncateSync(fd, 2 ** 30);
      closeSync(fd);
    },
  },
  { what: 'a million brackets', put: (path) => writeFileSync(path, '['.repeat(1e6) + ']'.repeat(1e6)) },
  {
    what: 'objects in objects, 500,000 deep',
    put: (path) => writeFileSync(path, '{"a":'.repeat(5e5) + '1' + '}'.repeat(5e5)),
  },
  { what: 'a list', code: 'not-a-snapshot', put: (path) => writeFileSync(path, '[]') },
  { what: 'null', code: 'not-a-snapshot', put: (path) => writeFileSync(path, 'null') },
  {
    what: 'the format of another program',
    code: 'not-a-snapshot',
    put: (path) => writeFileSync(path, '{"format":"nix"}'),
  },
  edited(
    '__proto__ in front',
    (text) => text.replace('{', '{"__proto__": {"polluted": true},'),
    'not-a-snapshot',
  ),
  edited('__proto__ among its options', (text) =>
    text.replace('"options": {', '"options": {"__proto__": {"polluted": true},'),
  ),
  edited('__proto__ among its files', (text) =>
    text.replace('"files": {', '"files": {"__proto__": {"bytes": 1, "sha256": ""},'),
  ),
  edited('constructor in front', (text) =>
    text.replace('{', '{"constructor": {"prototype": {"polluted": true}},'),
  ),
  edited('its id twice', (text) => text.replace('"id":', '"id": "bbbbbbbbbbbbbbbb", "id":')),
  edited('a byte order mark', (text) => `\ufeff${text}`),
  edited('lines of Windows', (text) => text.replaceAll('\n', '\r\n')),
  edited('bytes that are no UTF-8', (text) =>
    Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xff, 0xfe, 0x7d, 0x0a])]),
  ),
  edited('more behind it', (text) => `${text}{}`),
  version('99', 'newer-format'),
  version('1e999', 'not-a-snapshot'),
  version('0', 'not-a-snapshot'),
  version('-1', 'not-a-snapshot'),
  version('"1"', 'not-a-snapshot'),
  version('null', 'not-a-snapshot'),
  version('NaN'),
  ...['2', '2e400', '-5', '1.5', '1152921504606846976', 'NaN', '"7"', 'null', '[]'].map((bytes) =>
    edited(`a file of ${bytes} bytes`, (text) => text.replace(/"bytes": ?\d+/, `"bytes": ${bytes}`)),
  ),
  signed(
    'a file of 2^53 - 1 bytes',
    ({ files }) => (Object.values<Json>(files)[0]!['bytes'] = Number.MAX_SAFE_INTEGER),
  ),
  signed('files that are not there', ({ files }) => (files['model/more.npy'] = digest)),
  ...[
    '../x',
    '/etc/passwd',
    'model/../../../x',
    'a\u0000b',
    'a\\b',
    '..\\x',
    'a//b',
    './a',
    'a/./b',
    'a/',
    '',
    '.',
    '..',
    '.hidden',
    'manifest.json',
  ].map(withFile),
  withFile('x'.repeat(300)),
  signed('20,000 files', ({ files }) => {
    for (let file = 0; file < 20_000; file++) files[`model/${file}`] = digest;
  }),
  signed('a metric that is text', ({ metrics }) => (metrics['ndcg@100'] = 'very good')),
  signed('a metric named by an escape', ({ metrics }) => (metrics['\u001b[2J'] = 1)),
  signed('dimensions that are text', ({ model }) => (model['dim'] = '8')),
  signed('2^53 dimensions', ({ model }) => (model['dim'] = 2 ** 53)),
  signed('the users of nobody', (manifest) => (manifest['users'] = [])),
  signed('another id', (manifest) => (manifest['id'] = 'bbbbbbbbbbbbbbbb')),
  signed('an id that is a path', (manifest) => (manifest['id'] = '../../../etc')),
  signed('no model', (manifest) => delete manifest['model']),
  signed('a parent that is none', (manifest) => (manifest['parent'] = 'me')),
  { what: 'a link to itself', put: (path) => symlinkSync('manifest.json', path) },
  { what: 'a link to /etc/passwd', put: (path) => symlinkSync('/etc/passwd', path) },
  { what: 'a link to /dev/zero', put: (path) => symlinkSync('/dev/zero', path) },
  { what: 'a FIFO', put: (path) => void execFileSync('mkfifo', [path]) },
  { what: 'a directory', put: (path) => mkdirSync(path) },
  {
    what: 'a socket',
    put: (path) =>
      new Promise((resolve) => {
        createServer()
          .listen(path, () => resolve(undefined))
          .unref();
      }),
  },
  {
    what: 'the device of zeros',
    needsRoot: true,
    put: (path) => void execFileSync('mknod', [path, 'c', '1', '5']),
  },
];
