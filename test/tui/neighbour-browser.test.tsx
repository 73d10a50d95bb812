import { render } from 'ink-testing-library';
import { act } from 'react';
import stringWidth from 'string-width';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import type { NeighbourSource } from '#dist/core/library.js';
import type { BrowseNews } from '#dist/core/tasks/follow-neighbours.js';
import { isFullTest } from '../helpers/full-tests.js';
import { manySongs, memorySource, songs } from '../helpers/memory-source.js';

vi.hoisted(() => {
  // Frames with colour, as on a terminal, so that a frame without is a statement. Chalk reads this when it is loaded.
  process.env['FORCE_COLOR'] = '1';
  // React's `act` waits until everything is drawn.
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
});
const { aroundMatch } = await import('#dist/tui/matched-text.js');
const { NeighbourBrowser } = await import('#dist/tui/neighbour-browser.js');

interface Shown {
  /** Presses keys, as a terminal sends them. */
  press(keys: string): void;
  resize(columns: number, rows: number): void;
  frame(): string;
  lines(): string[];
  readonly quits: () => number;
  /** Where the cursor is, as `x,y`. */
  readonly cursor: () => string;
}

const unmounts: (() => void)[] = [];
afterEach(() => {
  for (const unmount of unmounts.splice(0)) unmount();
});

function show(
  source: NeighbourSource,
  options: {
    size?: [number, number];
    hasColour?: boolean;
    start?: number;
    release?: () => void;
    subscribe?: (listener: (news: BrowseNews) => void) => () => void;
  } = {},
): Shown {
  let quits = 0;
  let cursor = '';
  const [first] = options.start === undefined ? [undefined] : source.search('', 100).slice(options.start);
  const app = drawn(() =>
    render(
      <NeighbourBrowser
        source={source}
        start={first}
        release={options.release}
        subscribe={options.subscribe}
        hasColour={options.hasColour ?? false}
        onQuit={() => {
          quits += 1;
        }}
        onCursor={(position) => {
          cursor = position === undefined ? '' : `${position.x},${position.y}`;
        }}
      />,
    ),
  );
  unmounts.push(() => drawn(app.unmount));
  const shown: Shown = {
    press(keys) {
      drawn(() => {
        app.stdin.write(keys);
      });
    },
    resize(columns, rows) {
      Object.defineProperties(app.stdout, {
        columns: { value: columns, configurable: true },
        rows: { value: rows, configurable: true },
      });
      drawn(() => app.stdout.emit('resize'));
    },
    frame: () => app.lastFrame() ?? '',
    lines: () => (app.lastFrame() ?? '').split('\n'),
    quits: () => quits,
    cursor: () => cursor,
  };
  if (options.size !== undefined) shown.resize(...options.size);
  return shown;
}

/** What `change` returns, once everything that it changed is drawn. */
function drawn<Result>(change: () => Result): Result {
  let result: Result | undefined;
  act(() => {
    result = change();
  });
  return result as Result;
}

const up = '\x1b[A';
const down = '\x1b[B';
const backspace = '\x7f';
const chosenLine = (shown: Shown): string | undefined => shown.lines().find((line) => line.includes('❯'));

describe('the browser on screen', () => {
  it('searches by name as one types', () => {
    const shown = show(memorySource());
    expect(shown.frame()).toContain('type a name');
    expect(shown.frame()).toContain('snapshot 0123456789abcdef');
    shown.press('lo');
    expect(shown.frame()).toContain('/ lo');
    expect(shown.frame()).toContain('2 found');
    expect(shown.frame()).toContain('Interstate Love Song');
    expect(shown.frame()).toContain('Even Flow');
    expect(shown.frame()).not.toContain('Plush');
    expect(chosenLine(shown)).toMatch(/1 +Interstate Love Song +Stone Temple Pilots +1994/);
    shown.press(down);
    expect(chosenLine(shown)).toContain('Even Flow');
  });

  it('walks to neighbours with their bars, and back to the row it left', () => {
    const shown = show(memorySource());
    shown.press('teen\r');
    expect(shown.lines().slice(2, 5)).toEqual([
      ' Smells Like Teen Spirit',
      ' Nirvana · 1991 · id teen-spirit',
      '',
    ]);
    expect(chosenLine(shown)).toMatch(/1 +Come As You Are +Nirvana +1991 +█+[▏▎▍▌▋▊▉]? +0\.95/);
    shown.press(`${down}${down}`);
    shown.press('\r');
    expect(shown.frame()).toContain('Smells Like Teen Spirit › Interstate Love Song');
    // Where the walk has been is marked.
    expect(shown.lines().find((line) => line.includes('Teen Spirit') && line.includes('0.'))).toContain('•');
    shown.press(backspace);
    expect(chosenLine(shown)).toContain('Interstate Love Song');
    expect(shown.frame()).not.toContain('›');
    shown.press(up);
    expect(chosenLine(shown)).toContain('Plush');
  });

  it('begins at an item where one is given', () => {
    const shown = show(memorySource(), { start: 2 });
    expect(shown.lines()[2]).toBe(' Plush');
    expect(chosenLine(shown)).toContain('Interstate Love Song');
  });

  it('says when nothing is found, and quotes the text harmlessly', () => {
    const shown = show(memorySource());
    shown.press('\x1b[200~no\u202esuch\x1b[201~');
    expect(shown.frame()).toContain('Nothing matches “no\\u202esuch”');
    expect(shown.frame()).not.toContain('\u202e');
  });

  it('says so when an item has no neighbours, or when they cannot be had', () => {
    const alone = show(memorySource([{ id: 'a', name: 'Alone' }]), { start: 0 });
    expect(alone.frame()).toContain('Nothing is close to this one.');
    const refusing: NeighbourSource = {
      ...memorySource(),
      neighbours: () => {
        throw new AppError('item-without-vector', 'nobody played \x1b[2J it');
      },
    };
    expect(show(refusing, { start: 0 }).frame()).toContain('nobody played \\x1b[2J it');
    // A long one goes on in the next line, and not beyond the list.
    const long: NeighbourSource = {
      ...memorySource(),
      neighbours: () => {
        throw new AppError('item-without-vector', 'nobody played it '.repeat(50));
      },
    };
    const shown = show(long, { start: 0, size: [40, 9] });
    expect(shown.lines().filter((line) => line.includes('nobody'))).toHaveLength(6);
    expect(shown.lines().at(-1)).toContain('q quit');
  });

  it('quits with q where letters are commands, and with Ctrl-C anywhere', () => {
    const shown = show(memorySource());
    shown.press('q');
    expect(shown.quits()).toBe(0);
    shown.press('\x03');
    expect(shown.quits()).toBe(1);
    const walking = show(memorySource(), { start: 0 });
    walking.press('q');
    expect(walking.quits()).toBe(1);
  });

  it('explains its keys', () => {
    const shown = show(memorySource(), { start: 0 });
    shown.press('?');
    expect(shown.frame()).toContain('back to where you came from');
    shown.press('?');
    expect(shown.frame()).not.toContain('back to where you came from');
  });

  it('places the cursor behind what was typed, by columns, and nowhere else', () => {
    const shown = show(memorySource(), { size: [80, 24] });
    expect(shown.cursor()).toBe('5,3');
    shown.press('東京');
    expect(shown.cursor()).toBe('9,3');
    shown.press('\x1b[D');
    expect(shown.cursor()).toBe('7,3');
    shown.press('x'.repeat(200));
    expect(Number(shown.cursor().split(',')[0])).toBeLessThan(78);
    shown.press('\x1b');
    expect(shown.cursor()).toBe('');
  });

  it('shows the end of a text that is too long for the box, where the cursor is', () => {
    const shown = show(memorySource(), { size: [40, 24] });
    shown.press(`${'x'.repeat(60)}end`);
    expect(shown.frame()).toMatch(/│ \/ …x{27}end {2}│/);
    shown.press('\x01');
    expect(shown.frame()).toMatch(/│ \/ x{31}…\s?│/);
    expect(shown.cursor()).toBe('5,3');
  });

  it('has colour on a terminal, and not one escape sequence without', () => {
    const coloured = show(memorySource(), { hasColour: true, start: 0 });
    expect(coloured.frame()).toContain('\x1b[36m');
    const plain = show(memorySource(), { hasColour: false, start: 0 });
    plain.press('?');
    plain.press('?');
    plain.press('/');
    expect(plain.frame()).not.toContain('\x1b');
    expect(plain.frame()).toContain('❯');
  });
});

it('a part of a text stands out where it matched, in any case', () => {
  expect(aroundMatch('Even Flow', ' eVEN ')).toEqual(['', 'Even', ' Flow']);
  expect(aroundMatch('Even Flow', 'w')).toEqual(['Even Flo', 'w', '']);
  expect(aroundMatch('Even Flow', 'plush')).toEqual(['Even Flow', '', '']);
  expect(aroundMatch('Even Flow', ' ')).toEqual(['Even Flow', '', '']);
  expect(aroundMatch('\u0130stanbul', 'bul')).toEqual(['\u0130stanbul', '', '']);
});

describe('hostile names', () => {
  const hostile = [
    { id: 'esc', name: '\x1b]0;owned\x07\x1b[2Jred', artist: '\x1b[31mX', released: '19\r\n91' },
    { id: 'bidi', name: 'abc\u202edef\u2066', artist: 'a\u200bb', released: 1 },
    { id: 'wide', name: '東京事変'.repeat(40), artist: '👨‍👩‍👧‍👦'.repeat(40), released: 2004 },
    { id: 'tower', name: `Z${'\u0301'.repeat(200)}`, artist: '', released: 3 },
    { id: '__proto__', name: '__proto__', artist: 'constructor', released: 4 },
  ];

  it('reach no terminal raw, and no line grows beyond the screen', () => {
    const shown = show(memorySource(hostile), { size: [80, 24] });
    for (const keys of ['', '\r', '\r', down, '\r', '/', 'abc\r', '?']) {
      shown.press(keys);
      // eslint-disable-next-line no-control-regex -- these are what must not be there
      expect(shown.frame()).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]/);
      for (const line of shown.lines()) expect(stringWidth(line)).toBeLessThan(80);
      expect(shown.lines().length).toBeLessThanOrEqual(24);
    }
  });
});

describe('any size of terminal', () => {
  const sizes: [number, number][] = [
    [60, 20],
    [200, 30],
    [80, 24],
    [40, 9],
    [10, 2],
    [100, 6],
    [20, 5],
  ];

  it.each(isFullTest() ? sizes : sizes.slice(2, 5))('%i × %i is filled and not exceeded', (columns, rows) => {
    const shown = show(memorySource([...songs, ...manySongs(50)]), { size: [columns, rows] });
    for (const keys of ['', 'o', '\r\x1b[6~', '\r', '?', '?/', 'nothing', '\x1b']) {
      shown.press(keys);
      expect(shown.lines().length).toBeLessThanOrEqual(rows);
      for (const line of shown.lines()) expect(stringWidth(line)).toBeLessThan(columns);
      if (!/nothing|type a name/i.test(shown.frame())) expect(shown.lines().length).toBe(rows);
    }
  });

  it('keeps its row as the terminal changes', () => {
    const shown = show(memorySource([...songs, ...manySongs(50)]), { start: 0, size: [100, 40] });
    shown.press('\x1b[6~');
    const chosen = /❯ +(\d+)/.exec(chosenLine(shown) ?? '')?.[1];
    for (const [columns, rows] of sizes) {
      shown.resize(columns, rows);
      if (columns >= 20) expect(/❯ +(\d+)/.exec(chosenLine(shown) ?? '')?.[1]).toBe(chosen);
      expect(shown.lines().length).toBeLessThanOrEqual(rows);
    }
  });
});

describe('when something else is published', () => {
  /** Tells the browser of a source, and says which were released. */
  function publisher(): {
    readonly subscribe: (listener: (news: BrowseNews) => void) => () => void;
    readonly publish: (source: NeighbourSource) => void;
    readonly fail: (message: string) => void;
    readonly released: string[];
    readonly isSeen: () => boolean;
  } {
    let listener: ((news: BrowseNews) => void) | undefined;
    const released: string[] = [];
    const tell = (news: BrowseNews): void => drawn(() => listener?.(news));
    return {
      subscribe(heard) {
        listener = heard;
        return () => (listener = undefined);
      },
      publish(source) {
        tell({ kind: 'published', source, release: () => released.push(source.snapshot) });
      },
      fail: (message) => tell({ kind: 'failed', message }),
      released,
      isSeen: () => listener !== undefined,
    };
  }

  const next = 'fedcba9876543210';
  const size: [number, number] = [80, 24];
  /** In the other order, so that every row is another item's. */
  const turned = memorySource(songs.toReversed(), next);

  it('says so, and stays with the same item and the same choice', () => {
    const { subscribe, publish, released } = publisher();
    const shown = show(memorySource(), { start: 1, subscribe, release: () => released.push('first'), size });
    shown.press('\u001b[B');
    expect(shown.frame()).toMatch(/❯.*Interstate Love Song|› .*Interstate Love Song|Interstate Love Song/);
    expect(released).toEqual([]);
    publish(turned);
    expect(shown.lines().at(-1)).toContain(`${next} was published: you are in it now`);
    expect(shown.frame()).toContain(`snapshot ${next}`);
    expect(shown.frame()).toContain('Come As You Are');
    expect(released).toEqual(['first']);
    // Enter opens the item that was chosen before, wherever it stands now.
    shown.press('\r');
    expect(shown.frame()).toContain('Come As You Are › Interstate Love Song');
    expect(shown.lines().at(-1)).not.toContain('was published');
    // Back at the first one, whose neighbours are those of the new snapshot.
    shown.press('\u007f');
    const first = turned.neighbours(turned.item('come-as-you-are')!.row, 1)[0]!;
    expect(shown.frame()).toContain(first.item.name);
  });

  it('keeps the letters of a search, and searches again', () => {
    const { subscribe, publish } = publisher();
    const shown = show(memorySource(), { subscribe, size });
    shown.press('love');
    expect(shown.frame()).toContain('1 found');
    publish(memorySource([{ id: 'buzz', name: 'Love Buzz' }, ...songs], next));
    expect(shown.frame()).toContain('2 found');
    shown.press('\r');
    expect(shown.frame()).toContain('Interstate Love Song');
    expect(shown.frame()).not.toContain('2 found');
  });

  it('goes back along the way where the item is not in it', () => {
    const { subscribe, publish } = publisher();
    const shown = show(memorySource(), { start: 0, subscribe, size });
    shown.press('\r');
    expect(shown.frame()).toContain('Smells Like Teen Spirit › Come As You Are');
    publish(
      memorySource(
        songs.filter(({ id }) => id !== 'come-as-you-are'),
        next,
      ),
    );
    expect(shown.lines().at(-1)).toContain(`${next} was published: it has no "Come As You Are"`);
    expect(shown.frame()).not.toContain('› Come As You Are');
    expect(shown.frame()).toContain('Smells Like Teen Spirit');
    publish(memorySource(manySongs(3), 'aaaaaaaaaaaaaaaa'));
    expect(shown.frame()).toContain('Most played first');
  });

  it('stays where it is when that cannot be opened, and says why until the next key', () => {
    const { subscribe, fail, released, isSeen } = publisher();
    const shown = show(memorySource(), { start: 0, subscribe, release: () => released.push('first'), size });
    fail('snapshot is damaged: model/item.npy is missing');
    expect(shown.lines().at(-1)).toContain('Published, but it cannot be opened: snapshot is damaged');
    expect(shown.frame()).toContain('snapshot 0123456789abcdef');
    shown.press('j');
    expect(shown.lines().at(-1)).toContain('quit');
    expect(released).toEqual([]);
    for (const unmount of unmounts.splice(0)) unmount();
    expect([released, isSeen()]).toEqual([['first'], false]);
  });

  it('fits into small terminals', () => {
    for (const [columns, rows] of [
      [20, 5],
      [10, 4],
      [60, 12],
    ] as const) {
      const { subscribe, publish } = publisher();
      const shown = show(memorySource(), { start: 0, subscribe, size: [columns, rows] });
      publish(turned);
      for (const line of shown.lines()) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      expect(shown.lines().length).toBeLessThanOrEqual(rows);
    }
  });
});
