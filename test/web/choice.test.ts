import { describe, expect, it } from 'vitest';
import { chosenBy, closed, type Choice } from '../../src/web/search/choice.js';

/** Where keys lead among three options. */
function pressed(...keys: readonly string[]): Choice {
  return keys.reduce<Choice>((choice, key) => chosenBy(key, choice, 3) ?? choice, closed);
}

describe('the choice among what was found', () => {
  it('opens at the first, or from below at the last', () => {
    expect(pressed('ArrowDown')).toEqual({ open: true, at: 0 });
    expect(pressed('ArrowUp')).toEqual({ open: true, at: 2 });
  });

  it('goes round, by way of the text that was typed', () => {
    const down = (times: number) => pressed(...Array.from({ length: times }, () => 'ArrowDown')).at;
    expect([1, 2, 3, 4, 5].map(down)).toEqual([0, 1, 2, -1, 0]);
    const up = (times: number) => pressed(...Array.from({ length: times }, () => 'ArrowUp')).at;
    expect([1, 2, 3, 4, 5].map(up)).toEqual([2, 1, 0, -1, 2]);
  });

  it('closes with Escape, and leaves a second one to the field', () => {
    expect(pressed('ArrowDown', 'Escape')).toEqual(closed);
    expect(chosenBy('Escape', closed, 3)).toBeUndefined();
  });

  it('leaves other keys, and keys with nothing to choose, to the field', () => {
    expect(chosenBy('a', closed, 3)).toBeUndefined();
    expect(chosenBy('ArrowDown', closed, 0)).toBeUndefined();
  });
});
