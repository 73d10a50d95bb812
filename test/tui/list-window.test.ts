import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, select, startOfList, turnPage } from '#dist/tui/list-window.js';

describe('the window of a list', () => {
  it('scrolls no further than the selection needs', () => {
    const down = select(startOfList, 5, 20, 4);
    expect(down).toEqual({ selected: 5, top: 2 });
    expect(select(down, 3, 20, 4)).toEqual({ selected: 3, top: 2 });
    expect(select(down, 1, 20, 4)).toEqual({ selected: 1, top: 1 });
  });

  it('turns pages so that no row is skipped and none but the last page is short', () => {
    const second = turnPage(startOfList, 1, 10, 4);
    expect(second).toEqual({ selected: 4, top: 4 });
    expect(turnPage(second, 1, 10, 4)).toEqual({ selected: 8, top: 6 });
    expect(turnPage(second, -1, 10, 4)).toEqual(startOfList);
  });

  it('goes to either end of the list', () => {
    expect(select(startOfList, Infinity, 10, 4)).toEqual({ selected: 9, top: 6 });
    expect(select({ selected: 9, top: 6 }, -Infinity, 10, 4)).toEqual(startOfList);
  });

  it('is at the start of an empty list', () => {
    expect(select({ selected: 3, top: 2 }, 5, 0, 4)).toEqual(startOfList);
  });

  it('always contains its selection, and is full where the list is long enough', () => {
    const window = fc.record({ selected: fc.nat(50), top: fc.nat(50) });
    const by = fc.oneof(fc.integer({ min: -60, max: 60 }), fc.constantFrom(Infinity, -Infinity));
    fc.assert(
      fc.property(
        window,
        by,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 15 }),
        (w, b, n, r) => {
          for (const moved of [
            select(w, w.selected + b, n, r),
            fit(w, n, r),
            turnPage(w, Math.sign(b), n, r),
          ]) {
            expect(moved.selected).toBeGreaterThanOrEqual(0);
            expect(moved.selected).toBeLessThan(n);
            expect(moved.top).toBeGreaterThanOrEqual(0);
            expect(moved.top).toBeLessThanOrEqual(moved.selected);
            expect(moved.selected).toBeLessThan(moved.top + r);
            expect(moved.top).toBeLessThanOrEqual(Math.max(0, n - r));
            expect(fit(moved, n, r)).toEqual(moved);
          }
        },
      ),
    );
  });
});
