import { describe, expect, it } from 'vitest';
import { layoutFor } from '#dist/tui/browser-layout.js';
import { itemColumns, metadataLine, similarityBar, similarityText } from '#dist/tui/item-columns.js';
import { scrollbar } from '#dist/tui/list-window.js';
import { wayThatFits } from '#dist/tui/breadcrumb.js';
import { cutText, fitText } from '#dist/tui/fit-text.js';
import { songs } from '../helpers/memory-source.js';

describe('the parts on screen', () => {
  it('fill the terminal to the last row, and the list has most of it', () => {
    for (let rows = 1; rows <= 60; rows++) {
      const { header, headerSpace, tall, caption, hintsSpace, hints, listRows } = layoutFor(80, rows);
      const around = [header, headerSpace, caption, hintsSpace, hints].filter(Boolean).length;
      expect(listRows).toBeGreaterThanOrEqual(1);
      // One row is too few for what is being searched and a list of one.
      expect(around + (tall ? 3 : 1) + listRows).toBe(Math.max(2, rows));
      expect(listRows).toBeGreaterThanOrEqual(Math.floor(rows / 2) - 2);
    }
  });

  it('never write to the last column', () => {
    for (let columns = 2; columns <= 300; columns++) {
      const { margin, width } = layoutFor(columns, 24);
      expect(margin + width).toBeLessThan(columns);
    }
  });
});

describe('the columns of a list', () => {
  it('fit the width at any width, with and without similarities', () => {
    for (const similarities of [true, false]) {
      for (let width = 20; width <= 200; width++) {
        const { rank, name, artist, released, bar } = itemColumns(songs, width, similarities);
        const cells = [name, artist, released].filter((cell) => cell > 0);
        const gaps = cells.length * 2;
        const similarity = similarities ? 2 + bar + (bar > 0 ? 1 : 0) + 5 : 0;
        expect(2 + rank + gaps + name + artist + released + similarity).toBeLessThanOrEqual(width);
        expect(name).toBeGreaterThanOrEqual(Math.min(artist, 12));
      }
    }
  });

  it('leave out metadata that no item has, and metadata before the name', () => {
    const bare = songs.map(({ id, name }) => ({ id, name }));
    expect(itemColumns(bare, 100, true)).toMatchObject({ artist: 0, released: 0 });
    expect(itemColumns(songs, 100, true)).toMatchObject({ released: 4 });
    expect(itemColumns(songs, 34, true)).toMatchObject({ artist: 0, released: 0 });
  });
});

describe('a bar', () => {
  it('is as long as the similarity, to an eighth of a column', () => {
    expect(similarityBar(1, 4)).toEqual({ filled: '████', rest: '' });
    expect(similarityBar(0.5, 4)).toEqual({ filled: '██', rest: '  ' });
    expect(similarityBar(0.03125, 4)).toEqual({ filled: '▏', rest: '   ' });
    expect(similarityBar(0.97, 4)).toEqual({ filled: '███▉', rest: '' });
  });

  it('is empty for what is not similar, and no longer than its column', () => {
    expect(similarityBar(-0.4, 4)).toEqual({ filled: '', rest: '    ' });
    expect(similarityBar(1.0000001, 4)).toEqual({ filled: '████', rest: '' });
    expect(similarityBar(0.5, 0)).toEqual({ filled: '', rest: '' });
  });

  it('has its number beside it', () => {
    expect([1, 0.934, 0, -0.001, -0.25].map(similarityText)).toEqual([
      ' 1.00',
      ' 0.93',
      ' 0.00',
      ' 0.00',
      '-0.25',
    ]);
  });
});

describe('the scrollbar', () => {
  const thumb = (top: number, rows: number, length: number): string => {
    const bar = scrollbar(top, rows, length);
    return bar === undefined
      ? ''
      : Array.from({ length: rows }, (_, row) => (bar.includes(row) ? '#' : '.')).join('');
  };

  it('is there when something is off screen', () => {
    expect(thumb(0, 4, 4)).toBe('');
    expect(thumb(0, 4, 8)).toBe('##..');
    expect(thumb(4, 4, 8)).toBe('..##');
    expect(thumb(50, 4, 1000)).toBe('#...');
    expect(thumb(996, 4, 1000)).toBe('...#');
  });
});

describe('the way here', () => {
  const names = ['Come As You Are', 'Plush', 'Interstate Love Song', 'Even Flow'];

  it('is whole where there is room', () => {
    expect(wayThatFits(names, 80)).toEqual({ way: names.slice(0, -1), here: 'Even Flow' });
  });

  it('loses its beginning where there is none, and where one is last of all', () => {
    expect(wayThatFits(names, 40)).toEqual({ way: ['…', 'Interstate Love Song'], here: 'Even Flow' });
    expect(wayThatFits(names, 20)).toEqual({ way: ['…'], here: 'Even Flow' });
    expect(wayThatFits(names, 10)).toEqual({ way: [], here: 'Even Flow' });
    expect(wayThatFits(names, 5)).toEqual({ way: [], here: 'Even…' });
  });
});

describe('text from data', () => {
  it('is cut by the columns it takes on screen', () => {
    expect(cutText('東京事変', 8)).toBe('東京事変');
    expect(cutText('東京事変', 7)).toBe('東京事…');
    expect(fitText('東京事変', 6)).toBe('東京… ');
    expect(fitText('🎸👨‍👩‍👧‍👦🎸', 5)).toBe('🎸👨‍👩‍👧‍👦…');
    expect(cutText('abc', 0)).toBe('');
  });

  it('is shown, not obeyed', () => {
    expect(cutText('\x1b[31mred\r\n', 40)).toBe('\\x1b[31mred\\r\\n');
    expect(fitText('\u202eevil', 12)).toBe('\\u202eevil  ');
  });
});

it('what the catalogue says about an item begins with artist and date, and names the rest', () => {
  const item = { id: 'plush', name: 'Plush', album: 'Core', released: 1993, artist: 'STP', constructor: 'x' };
  expect(metadataLine(item)).toBe('STP · 1993 · id plush · album Core · constructor x');
  expect(metadataLine({ id: 'Plush', name: 'Plush' })).toBe('');
});
