/**
 * What `run` makes of each item, in their order, while those after it are under way: at most `ahead()` at a time, so that
 * memory does not grow with their number.
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  run: (item: T) => Promise<R>,
  ahead: () => number,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  const rest = items[Symbol.iterator]();
  let isDone = false;
  for (;;) {
    while (!isDone && underWay.length < ahead()) {
      const next = rest.next();
      isDone = next.done === true;
      if (next.done === true) break;
      const running = run(next.value);
      // Whoever waits for one before it learns of its failure in its turn, or never.
      running.catch(() => undefined);
      underWay.push(running);
    }
    const first = underWay.shift();
    if (first === undefined) return;
    yield await first;
  }
}
