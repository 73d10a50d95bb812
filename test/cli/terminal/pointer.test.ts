import { expect, it } from 'vitest';
import { drawPointer, isPointer } from '#dist/cli/terminal/pointer.js';

const plain = { decorated: false, coloured: false, width: Infinity };
const draw = (text: string, at: number, width = Infinity): string[] =>
  drawPointer({ text, at }, { ...plain, width }).split('\n');

it('points at a character, and behind the last one', () => {
  expect(draw('a >= and', 5)).toEqual(['    a >= and', '         ^']);
  expect(draw('a', 1)).toEqual(['    a', '     ^']);
  expect(draw('', 0)).toEqual(['    ', '    ^']);
});

it('stands under it whatever is before: wide characters, marks, emoji, escapes', () => {
  expect(draw('日本 x', 3)).toEqual(['    日本 x', '    \u3000\u3000 ^']);
  expect(draw('e\u0301 x', 3)).toEqual(['    e\u0301 x', '      ^']);
  expect(draw('😀 x', 3)).toEqual(['    😀 x', '       ^']);
  expect(draw('a\n= x', 4)).toEqual(['    a\\n= x', '         ^']);
});

it('shows of a long text what is around the place', () => {
  const text = `${'x'.repeat(300)}!${'y'.repeat(300)}`;
  for (const width of [30, 80]) {
    const [line, caret] = draw(text, 300, width);
    expect(line!.length).toBeLessThanOrEqual(width);
    expect(line!.startsWith('    …x')).toBe(true);
    expect(line!.endsWith('y…')).toBe(true);
    expect(line![caret!.indexOf('^')]).toBe('!');
  }
  expect(draw(text, 0, 30)[1]).toBe('    ^');
  const [line, caret] = draw(text, text.length, 30);
  expect(caret!.indexOf('^')).toBe(line!.length);
});

it('knows a place from other details', () => {
  expect([
    isPointer({ text: 'a', at: 0 }),
    isPointer({ text: 'a' }),
    isPointer(null),
    isPointer('a'),
  ]).toEqual([true, false, false, false]);
});
