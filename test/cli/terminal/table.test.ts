import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { cut, measureFor, padded } from '#dist/cli/terminal/display-width.js';
import { drawRanking } from '#dist/cli/terminal/item-table.js';
import type { RankedItem } from '#dist/cli/terminal/item-table.js';
import { safeText } from '#dist/cli/terminal/safe-text.js';
import type { Screen } from '#dist/cli/terminal/screen.js';
import { processorMs } from '../../helpers/processor-time.js';

const terminal = (width: number, coloured = false): Screen => ({ decorated: true, coloured, width });
const pipe: Screen = { decorated: false, coloured: false, width: Infinity };

const songs = [
  ['Come As You Are', 'Nirvana', 1991],
  ['Interstate Love Song', 'Stone Temple Pilots', 1994],
  ['雪の降る街に日本語のとても長い題名を付けて', 'ユニコーン', 1989],
  ['Evil\x1b[31m\r\n\u202egnp.exe', '👩‍👩‍👧 Family', 2001],
  [
    'Several Species of Small Furry Animals Gathered Together in a Cave and Grooving with a Pict',
    'Pink Floyd',
    1969,
  ],
] as const;

const ranking = songs.map(([name, artist, released], index) => ({
  rank: index + 1,
  id: `song-${index}`,
  name,
  artist,
  released,
  similarity: 0.95 - index / 10,
}));

const linesOf = async (screen: Screen): Promise<string[]> =>
  (await drawRanking(ranking, 'similarity', screen)).split('\n');

describe('a table', () => {
  it.each([40, 60, 80, 120, 200])('is no wider than %i columns', async (width) => {
    const lines = await linesOf(terminal(width));
    const omitted: Readonly<Record<number, string>> = { 40: 'released, id', 60: 'released, id' };
    const told = omitted[width]?.split(', ').length;
    const said = `${told ?? 0} more where there is room, and with --json: ${omitted[width] ?? ''}`;
    expect(lines.slice(songs.length + 1)).toEqual(
      told === undefined ? [] : [cut(said, width, await measureFor([said]))],
    );
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
  });

  it('at 60 columns has names cut, artists, and small bars', async () => {
    const [head, first, , japanese, , long] = await linesOf(terminal(60));
    expect(head).toMatch(/^# {2}name +artist +similarity/);
    expect(first).toMatch(/^1 {2}Come As You Are +Nirvana +0\.950 [█▏▎▍▌▋▊▉]+$/);
    expect(japanese).toContain('…');
    expect(long).toMatch(/^5 {2}Several Species.*…/);
  });

  it.each([
    [60, 'song-', /^# {2}name +artist +events +id$/],
    [20, 'song-', /^ *id +song-0$/],
    [60, 'a song of many letters ', /^# {2}name +artist +events$/],
  ])('of %i columns that lists items keeps ids like %s where they are short', async (width, stem, line) => {
    const listed = ranking.map((item, at) => ({ ...item, id: `${stem}${String(at)}`, events: 9 - at }));
    const lines = (await drawRanking(listed, 'events', terminal(width))).split('\n');
    expect(lines.filter((text) => line.test(text))).toHaveLength(1);
  });

  it('leaves links to --json', async () => {
    const linked = ranking.map((item) => ({ ...item, url: `https://example.org/${item.id}`, mood: 'dark' }));
    const [head] = (await drawRanking(linked, 'similarity', terminal(200))).split('\n');
    expect(head).toMatch(/^# {2}name +artist +released +mood +similarity +id$/);
  });

  it('at 200 columns has everything whole, with the id', async () => {
    const lines = await linesOf(terminal(200));
    expect(lines[0]).toMatch(/^# {2}name +artist +released +similarity +id$/);
    for (const [index, [name, artist]] of songs.entries()) {
      expect(lines[index + 1]).toContain(safeText(name));
      expect(lines[index + 1]).toContain(safeText(artist));
      expect(lines[index + 1]).toContain(`song-${index}`);
    }
  });

  it('shows hostile names harmlessly', async () => {
    const text = (await linesOf(terminal(200))).join('');
    expect(text).toContain('Evil\\x1b[31m\\r\\n\\u202egnp.exe');
    expect(text).not.toContain('\x1b');
  });

  it('lines its columns up, whatever the script', async () => {
    for (const screen of [terminal(120), pipe]) {
      const lines = await linesOf(screen);
      const columnOf = (line: string): number => stringWidth(line.slice(0, line.search(/\d\.\d{3}/)));
      expect(new Set(lines.slice(1).map(columnOf)).size).toBe(1);
    }
  });

  it('has colour only where the screen has', async () => {
    expect((await linesOf(terminal(80, true))).join('')).toContain('\x1b[36m');
    expect((await linesOf(terminal(80))).join('')).not.toContain('\x1b');
  });

  it('off a terminal is plain: no bars, nothing cut, nothing behind the last column', async () => {
    const lines = await linesOf(pipe);
    expect(lines[0]).toMatch(/^# {2}name +artist +released +similarity +id$/);
    expect(lines.join('')).not.toMatch(/[█…]/);
    for (const line of lines) expect(line).toBe(line.trimEnd());
    expect(lines[5]).toContain(songs[4][0]);
  });

  it('shows metadata of any name, and items that lack it', async () => {
    const text = await drawRanking<RankedItem>(
      [
        { rank: 1, id: 'a', name: 'A', score: 2.5, genre: 'polka', constructor: 'x' },
        { rank: 2, id: 'b', name: 'B', score: 1.25 },
      ],
      'score',
      pipe,
    );
    expect(text.split('\n').map((line) => line.trim())).toEqual([
      '#  name  genre  constructor  score  id',
      '1  A     polka  x             2.50  a',
      '2  B                          1.25  b',
    ]);
  });
});

describe('cut', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 40 }).map(safeText);

  it('never exceeds the width, and cuts nothing that fits', async () => {
    const measure = await measureFor(['é']);
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 30 }), (text, width) => {
        const shown = cut(text, width, measure);
        expect(measure(shown)).toBeLessThanOrEqual(width);
        if (measure(text) <= width) expect(shown).toBe(text);
        else expect(shown.endsWith('…')).toBe(true);
        expect(measure(padded(shown, width, 'right', measure))).toBe(width);
      }),
      { numRuns: 2_000 },
    );
  });

  it('knows which scripts need no measuring', async () => {
    const lengthIsWidth = await measureFor(['Sigur Rós – Ágætis byrjun', 'Кино', 'Μίκης', '“quoted”…']);
    for (let code = 0x20; code <= 0x205e; code += 1) {
      const character = safeText(String.fromCharCode(code));
      if ((await measureFor([character])) === stringWidth) continue;
      expect(stringWidth(character), `U+${code.toString(16)}`).toBe(lengthIsWidth(character));
    }
    expect(await measureFor(['日本'])).toBe(stringWidth);
    expect(await measureFor(['a', 'e\u0301'])).toBe(stringWidth);
  });

  it('is quick on a name of a megabyte', async () => {
    const name = '日'.repeat(1_000_000);
    const start = processorMs();
    expect(cut(name, 21, await measureFor([name]))).toBe(`${'日'.repeat(10)}…`);
    expect(processorMs() - start).toBeLessThan(1_000);
  });
});
