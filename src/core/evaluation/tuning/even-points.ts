/**
 * Points that fill a unit cube evenly: the additive recurrence of Roberts (2018), frac(s + i·α) with α_j = g^−j, g > 1 the
 * root of g^(d+1) = g + 1, from a random start s. Any first n of them are spread well, where independent points clump.
 */
import { seededRandom } from '../../numeric/random.js';

/** The first `count` points of [0, 1)^dimensions. The same for the same seed, on every machine: + − × ÷ only. */
export function evenPoints(count: number, dimensions: number, seed: number): number[][] {
  const random = seededRandom(seed);
  const start = Array.from({ length: dimensions }, () => random.nextFraction());
  const g = root(dimensions + 1);
  const steps: number[] = [];
  for (let j = 0; j < dimensions; j++) steps.push((steps[j - 1] ?? 1) / g);
  return Array.from({ length: count }, (_, i) => start.map((s, j) => fraction(s + i * (steps[j] ?? 0))));
}

function fraction(x: number): number {
  return x - Math.floor(x);
}

/** x > 1 with x^n = x + 1, by Newton's method from above, where it converges without overshooting. */
function root(n: number): number {
  let x = 2;
  for (let step = 0; step < 100; step++) {
    let power = 1;
    for (let j = 1; j < n; j++) power *= x;
    x -= (power * x - x - 1) / (n * power - 1);
  }
  return x;
}
