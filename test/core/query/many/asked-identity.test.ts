import { expect, it } from 'vitest';
import { askedOf } from '#dist/core/options/operation.js';
import { recommendAll, similarAll } from '#dist/core/options/queries.js';
import { askedIdentity } from '#dist/core/query/many/write-rankings.js';

it('the identity of what is asked for many has every option that changes answers, and none that only says where they go', () => {
  const of = (given: object) => askedIdentity(recommendAll, askedOf(recommendAll, given), ['k']);
  const plain = of({});
  for (const other of [{ includeHeard: true }, { kind: 'artist' }, { maxPerArtist: 2 }, { skipWeight: 0.5 }])
    expect(of(other)).not.toEqual(plain);
  for (const same of [{ out: 'a.csv' }, { threads: 7 }, { root: 'b' }, { engine: 'spark', sparkNode: 'n' }])
    expect(of(same)).toEqual(plain);
  expect(askedIdentity(similarAll, askedOf(similarAll, { k: 3 }), [])).toEqual({
    ...{ command: 'similarAll', k: 3, kind: 'item' },
  });
});
