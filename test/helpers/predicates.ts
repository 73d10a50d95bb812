import fc from 'fast-check';
import type { Expression, Literal, Predicate, Sign, Test } from '#dist/core/expressions/tree.js';

/** Places in a text do not matter to what a predicate says. */
const at = 0;

export interface PredicateShape {
  /** Columns of text, and of numbers, as names: `a.b` is the part b of a. */
  readonly texts: readonly (readonly string[])[];
  readonly numbers: readonly (readonly string[])[];
  readonly text: fc.Arbitrary<string>;
  readonly number: fc.Arbitrary<number>;
}

/** Random values, as a parse gives them: a number that is written has its own sign. */
export function expressions({ texts, numbers, text, number }: PredicateShape): {
  readonly texts: fc.Arbitrary<Expression>;
  readonly numbers: fc.Arbitrary<Expression>;
} {
  const { joined, calculated } = fc.letrec<{ joined: Expression; calculated: Expression }>((tie) => {
    const binary = (op: fc.Arbitrary<Sign>, of: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> =>
      fc.record({ op, left: of, right: of, at: fc.constant(at) });
    const signs = fc.constantFrom<Sign>('+', '-', '*', '/');
    return {
      joined: fc.oneof(
        { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
        { weight: 3, arbitrary: leaves(texts, text) },
        { weight: 1, arbitrary: binary(fc.constant('+'), tie('joined')) },
      ),
      calculated: fc.oneof(
        { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
        { weight: 3, arbitrary: leaves(numbers, number) },
        { weight: 2, arbitrary: binary(signs, tie('calculated')) },
        { weight: 1, arbitrary: tie('calculated').map(negative) },
      ),
    };
  });
  return { texts: joined, numbers: calculated };
}

function leaves(
  names: readonly (readonly string[])[],
  value: fc.Arbitrary<string | number>,
): fc.Arbitrary<Expression> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...names).map((parts) => ({ op: 'name' as const, parts, at })) },
    { weight: 1, arbitrary: value.map((each) => ({ op: 'value' as const, value: each, at })) },
  );
}

function negative(of: Expression): Expression {
  return of.op === 'value' ? { ...of, value: -Number(of.value) } : { op: 'negative', of, at };
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

function testsOf(shape: PredicateShape): fc.Arbitrary<Test> {
  const by = fc.constantFrom('=', '!=', '<', '<=', '>', '>=');
  const { texts, numbers } = expressions(shape);
  const literal = (value: fc.Arbitrary<string | number>): fc.Arbitrary<Literal> =>
    value.map((each) => ({ op: 'value', value: each, at }));
  // Mostly a column with values, as people write it.
  const comparing = (
    names: readonly (readonly string[])[],
    any: fc.Arbitrary<Expression>,
    fixed: fc.Arbitrary<Literal>,
  ): fc.Arbitrary<Test>[] => {
    const name = fc.constantFrom(...names).map((parts) => ({ op: 'name' as const, parts, at }));
    const sides: readonly (readonly [fc.Arbitrary<Expression>, fc.Arbitrary<Expression>])[] = [
      [name, fixed],
      [any, fc.oneof(any, fixed)],
    ];
    return sides.flatMap(([of, value]) => [
      fc.record({ op: fc.constant('compare'), of, by, value }),
      fc.record({ op: fc.constant('in'), of, values: fc.array(value, { minLength: 1, maxLength: 5 }) }),
      fc.record({ op: fc.constant('between'), of, least: value, most: value }),
      fc.record({ op: fc.constant('missing'), of }),
    ]);
  };
  return fc
    .oneof(
      ...comparing(shape.texts, texts, literal(shape.text)),
      ...comparing(shape.numbers, numbers, literal(shape.number)),
      fc.record({ op: fc.constant('contains'), of: texts, text: literal(shape.text) }) as fc.Arbitrary<Test>,
      fc.record({ op: fc.constant('like'), of: texts, pattern: literal(shape.text) }) as fc.Arbitrary<Test>,
    )
    .filter((test) => JSON.stringify(test).includes('"name"'));
}

/** The same tree with every place 0. */
export function withoutPlaces(tree: Predicate | Expression): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'at' ? 0 : value)));
}
