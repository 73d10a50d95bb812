import { expect, it } from 'vitest';
import { keepText, TextBuffer } from '#dist/core/tables/text-buffer.js';

it('holds whatever is appended, however it grows, and again from the start', () => {
  const text = new TextBuffer();
  const pieces = ['', 'a', 'ab\n', '€', '\u{1f3b8}é', 'kept – '];
  for (const rounds of [3, 90_000, 5]) {
    text.length = 0;
    const wanted: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const piece = pieces[(round * round) % pieces.length]!;
      text.append(piece);
      text.appendKept(keepText(piece.slice(0, 2)));
      text.appendByte(0x2c);
      wanted.push(piece, piece.slice(0, 2), ',');
    }
    text.append('€'.repeat(500_000));
    const written = Buffer.from(text.written()).toString();
    expect(written === `${wanted.join('')}${'€'.repeat(500_000)}`).toBe(true);
  }
});
