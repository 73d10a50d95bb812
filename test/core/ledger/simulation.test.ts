import { describe, expect, it } from 'vitest';
import { sabotages } from '../../helpers/ledger-simulation/sabotages.js';
import { simulate } from '../../helpers/ledger-simulation/simulation.js';
import type { Sabotage } from '../../helpers/ledger-simulation/simulation.js';
import { inSmokeTest, isFullTest, isNightly } from '../../helpers/full-tests.js';

const quickly = inSmokeTest();

/** Every planted bug was found by one of the first 150; those that take more than 12 by the full test only. */
const mostSeeds = 1000;
/** So that the event loop turns, and a test can be interrupted. */
const seedsInTurn = 50;

/** `SEGUE_SEEDS=from-to`, `to` left out; of one number, that seed. */
function seedsOf(text: string): readonly [number, number] {
  const [from = 0, to = from + 1] = text.split('-').map(Number);
  return [from, to];
}

/** The first seed of them whose run breaks a promise, in words. */
async function firstFailure(from: number, to: number, sabotage?: Sabotage): Promise<string | undefined> {
  for (let seed = from; seed < to; seed++) {
    try {
      simulate(seed, sabotage);
    } catch (error) {
      return `SEGUE_SEEDS=${seed}: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (seed % seedsInTurn === 0) await new Promise(setImmediate);
  }
  return undefined;
}

describe('the simulated ledger', () => {
  it(
    'keeps every promise, whatever is killed, fails, or loses its power',
    async () => {
      const [from, to] = seedsOf(
        process.env['SEGUE_SEEDS'] ?? (isNightly ? '0-10000' : isFullTest() ? '0-300' : '0-12'),
      );
      expect(await firstFailure(from, to)).toBeUndefined();
    },
    24 * 3600_000,
  );

  quickly('is the same run for the same seed', () => {
    const sabotage = sabotages['journals are not synced'];
    const message = (seed: number): string => {
      try {
        simulate(seed, sabotage);
        return '';
      } catch (error) {
        return String(error);
      }
    };
    for (let seed = 0; seed < 5; seed++) expect(message(seed)).toBe(message(seed));
  });

  const planted = Object.entries(sabotages).filter(([, { isRare }]) => isRare !== true || isFullTest());
  it.each(planted)('finds that %s', async (_, sabotage) => {
    expect(await firstFailure(0, mostSeeds, sabotage)).toMatch('SEGUE_SEEDS=');
  });
});
