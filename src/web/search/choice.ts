/** Which of the found options is chosen, as keys move through them: (state, key) → state. -1: none, the text itself. */
export interface Choice {
  readonly open: boolean;
  readonly at: number;
}

export const closed: Choice = { open: false, at: -1 };

/** undefined: the key is no concern of the list. */
export function chosenBy(key: string, { open, at }: Choice, count: number): Choice | undefined {
  switch (key) {
    case 'ArrowDown':
      if (count === 0) return undefined;
      return { open: true, at: open ? wrapped(at + 1, count) : 0 };
    case 'ArrowUp':
      if (count === 0) return undefined;
      return { open: true, at: open ? wrapped(at - 1, count) : count - 1 };
    case 'Escape':
      return open ? closed : undefined;
    default:
      return undefined;
  }
}

/** Past either end stands the text that was typed. */
function wrapped(at: number, count: number): number {
  if (at >= count) return -1;
  return at < -1 ? count - 1 : at;
}
