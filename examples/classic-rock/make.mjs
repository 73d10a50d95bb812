// Makes plays.csv.gz and items.csv from FiveThirtyEight's classic-rock data (see README.md beside this file).
//
//   node make.mjs DIRECTORY     DIRECTORY holds classic_rock_raw_data.csv.gz and classic_rock_song_list.csv.gz
//
// The same input gives the same rows in the same order; gzip's header carries no time and no machine.
import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';

/** Spellings of the source that name the same song as another one, and a year that was mistyped. */
const artistSpelling = new Map([['Steven Stills', 'Stephen Stills']]);
const titleSpelling = new Map([
  ['Get Off My Cloud', 'Get Off Of My Cloud'],
  ['U Get Me High', 'You Get Me High'],
]);
const yearSpelling = new Map([['1071', '1971']]);

/** Rows of an RFC 4180 file as objects by header name. */
function parseCsv(text) {
  const rows = [];
  let row = [];
  // A cell is quoted (with "" for a quote) or runs to the next comma or line end.
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    if (end === '') break;
  }
  const [header, ...body] = rows;
  return body.map((cells) => Object.fromEntries(header.map((name, column) => [name, cells[column]])));
}

const csvCell = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const csvText = (rows) => rows.map((row) => row.map(csvCell).join(',') + '\n').join('');

/** Lower-case ASCII words joined by hyphens; dots and apostrophes vanish, so that R.E.M. is `rem`. */
function slug(text) {
  const ascii = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return ascii
    .replace(/['’.]/g, '')
    .replaceAll('&', ' and ')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** A song of the source, with its spellings put right. */
function songOf({ song, artist }) {
  const title = song.trim().replaceAll('{', '(').replaceAll('}', ')');
  const by = artist.trim();
  return { title: titleSpelling.get(title) ?? title, artist: artistSpelling.get(by) ?? by };
}

/** Spellings with the same key are one song: case, punctuation and a leading "The" do not tell songs apart. */
function songKey({ title, artist }) {
  const withoutArticle = (text) => slug(text).replace(/^the-(?=.)/, '');
  return `${withoutArticle(artist)}/${withoutArticle(title)}`;
}

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

async function readGzippedCsv(path) {
  return parseCsv(gunzipSync(await readFile(path)).toString('utf8'));
}

const directory = process.argv[2];
if (directory === undefined) {
  process.stderr.write('usage: node make.mjs DIRECTORY\n');
  process.exit(2);
}
const sourcePlays = await readGzippedCsv(`${directory}/classic_rock_raw_data.csv.gz`);
const sourceSongs = await readGzippedCsv(`${directory}/classic_rock_song_list.csv.gz`);

// key → every spelling of it with its number of plays. Rows without a title name no song.
const spellings = new Map();
const plays = [];
for (const row of sourcePlays) {
  const song = songOf(row);
  if (song.title === '' || song.artist === '') continue;
  const key = songKey(song);
  const ofKey = spellings.get(key) ?? new Map();
  const spelling = `${song.artist}\n${song.title}`;
  ofKey.set(spelling, { ...song, count: (ofKey.get(spelling)?.count ?? 0) + 1 });
  spellings.set(key, ofKey);
  plays.push({ key, station: row.callsign, time: Number(row.time), sequence: row.unique_id });
}

const released = new Map();
for (const row of sourceSongs) {
  const key = songKey(songOf(row));
  const year = yearSpelling.get(row.release_year) ?? row.release_year;
  if (year !== '' && !released.has(key)) released.set(key, year);
}

// The spelling that was played most stands for the song; equal counts: the first by code unit.
const items = new Map();
for (const [key, ofKey] of spellings) {
  const [best] = [...ofKey].sort(([a, x], [b, y]) => y.count - x.count || byText(a, b));
  const { title, artist } = best[1];
  items.set(key, { id: `${slug(artist)}-${slug(title)}`, title, artist, released: released.get(key) ?? '' });
}
const ids = new Set([...items.values()].map(({ id }) => id));
if (ids.size !== items.size) throw new Error('two songs have the same id');

// A station's serial number falls as time goes on, and tells the order within plays that were read off at once.
plays.sort((a, b) => a.time - b.time || byText(a.station, b.station) || byText(b.sequence, a.sequence));
const playRows = plays.map(({ key, station, time }) => {
  const day = new Date(time * 1000).toISOString().slice(0, 10);
  return [`${station}/${day}`, items.get(key).id, String(time)];
});
const itemRows = [...items.values()]
  .sort((a, b) => byText(a.id, b.id))
  .map(({ id, title, artist, released: year }) => [id, title, artist, year]);

const zipped = gzipSync(csvText([['user', 'item', 'time'], ...playRows]), { level: 9 });
zipped[9] = 255; // gzip's "operating system": unknown, as on every machine
await writeFile(new URL('plays.csv.gz', import.meta.url), zipped);
await writeFile(
  new URL('items.csv', import.meta.url),
  csvText([['id', 'name', 'artist', 'released'], ...itemRows]),
);
process.stdout.write(`${playRows.length} plays of ${itemRows.length} songs\n`);
