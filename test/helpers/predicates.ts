import fc from 'fast-check';
import type { Literal, Predicate, Test, TextLiteral } from '#dist/core/query/filters/predicate.js';

/** Places in a text do not matter to what a predicate says. */
const at = 0;

export interface PredicateShape {
  /** Columns of text, and of numbers. */
  readonly texts: readonly string[];
  readonly numbers: readonly string[];
  readonly text: fc.Arbitrary<string>;
  readonly number: fc.Arbitrary<number>;
}

/** Random trees, as a parse gives them: no list within a list of its kind, no `not` of a `not`. */
export function predicates(shape: PredicateShape): fc.Arbitrary<Predicate> {
  const { tree } = fc.letrec<{ tree: Predicate }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      testsOf(shape),
      fc
        .tuple(fc.constantFrom('and', 'or'), fc.array(tie('tree'), { minLength: 2, maxLength: 4 }))
        .map(([op, parts]) => joined(op, parts)),
      tie('tree').map((part) => (part.op === 'not' ? part : { op: 'not' as const, part })),
    ),
  }));
  return tree;
}

function joined(op: 'and' | 'or', parts: readonly Predicate[]): Predicate {
  return { op, parts: parts.flatMap((part) => (part.op === op ? part.parts : [part])) };
}

function testsOf({ texts, numbers, text, number }: PredicateShape): fc.Arbitrary<Test> {
  const by = fc.constantFrom('=', '!=', '<', '<=', '>', '>=');
  const comparing = (names: readonly string[], value: fc.Arbitrary<Literal>): fc.Arbitrary<Test>[] => {
    const column = fc.constantFrom(...names).map((name) => ({ name, at }));
    return [
      fc.record({ op: fc.constant('compare'), column, by, value }),
      fc.record({ op: fc.constant('in'), column, values: fc.array(value, { minLength: 1, maxLength: 5 }) }),
      fc.record({ op: fc.constant('between'), column, least: value, most: value }),
      fc.record({ op: fc.constant('missing'), column }),
    ] as fc.Arbitrary<Test>[];
  };
  const textual: fc.Arbitrary<TextLiteral> = text.map((value) => ({ value, at }));
  const column = fc.constantFrom(...texts).map((name) => ({ name, at }));
  return fc.oneof(
    ...comparing(texts, textual),
    ...comparing(
      numbers,
      number.map((value) => ({ value, at })),
    ),
    fc.record({ op: fc.constant('contains'), column, text: textual }) as fc.Arbitrary<Test>,
    fc.record({ op: fc.constant('like'), column, pattern: textual }) as fc.Arbitrary<Test>,
  );
}

/** The same tree with every place 0. */
export function withoutPlaces(predicate: Predicate): unknown {
  return JSON.parse(JSON.stringify(predicate, (key, value: unknown) => (key === 'at' ? 0 : value)));
}
