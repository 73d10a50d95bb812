import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

const folder = new URL('../../../src/core/kernels/', import.meta.url);

it('kernels keep nothing in variables of their modules from one call to the next', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(10);
  const withState = files.filter((name) =>
    /^(export )?(let|var) /m.test(readFileSync(new URL(name, folder), 'utf8')),
  );
  expect(withState).toEqual([]);
});
