import { expect, it } from 'vitest';
import { adjacencyLooks } from '#dist/core/events/files/adjacency-shape.js';

const isAdjacency = (text: string): boolean => {
  const head = Buffer.from(text);
  const file = { name: 'e.txt', path: 'e.txt', gzip: false, bytes: head.length, head };
  return adjacencyLooks({ ...file, checkUnchanged: () => Promise.resolve() }).isAdjacency;
};

it('a file of adjacency does not begin with a header, whose words would be a user and an item', () => {
  expect(isAdjacency('c1 s1\nc2 s2\n')).toBe(true);
  expect(isAdjacency('customer_code sku\nc1 s1\nc2 s2\n')).toBe(false);
  expect(isAdjacency('anna abba\nben can blur\n')).toBe(true);
  expect(isAdjacency('0 0 1\n1 2\n')).toBe(true);
});
