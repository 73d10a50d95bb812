/** What every operation refuses, made of its rules. */
import type { AnyKind } from '#dist/core/options/kinds.js';
import type { Operation, Rule } from '#dist/core/options/operation.js';
import * as operations from '#dist/core/options/operations.js';

/** A value that an option takes, and that is not what it is anyway. */
function sampleOf(kind: AnyKind & { readonly fallback?: () => unknown }): unknown {
  const usual = kind.fallback?.();
  const texts = (kind.schema?.['enum'] ?? ['x', 'y']) as string[];
  const candidates = [...texts, ['x'], [1], 1, 2, 0.5, !(usual === true), {}, new Date(0), () => undefined];
  const found = candidates.find((value) => value !== usual && kind.accepts(value));
  if (found === undefined) throw new Error(`nothing is known to be ${kind.wanted}`);
  return found;
}

export const allOperations = Object.values<object>(operations).filter(
  (each): each is Operation<Record<string, AnyKind>> => 'rules' in each,
);

/** What is wrong, by the option that has to be named. */
export const mistakes = allOperations.flatMap((of) => {
  const { options, rules, refuses } = of;
  const sure = Object.fromEntries(
    Object.entries(options).flatMap(([name, kind]) => ('isRequired' in kind ? [[name, sampleOf(kind)]] : [])),
  );
  const valueOf = (condition: string): [string, unknown] => {
    const [name = '', value] = condition.split('=');
    return [name, value ?? sampleOf(options[name]!)];
  };
  const broken = ({ needs, unless = [] }: Rule): object[] => [
    // What has to be there cannot be left out.
    ...(needs === undefined || needs.some((name) => Object.hasOwn(sure, name)) ? [] : [{}]),
    ...unless.map((condition) => Object.fromEntries([valueOf(condition)])),
  ];
  const byRules = rules.flatMap((rule) =>
    rule.options
      .filter((option) => Object.hasOwn(options, option))
      .flatMap((option) =>
        broken(rule).map((beside) => ({
          of,
          option,
          given: { [option]: sampleOf(options[option]!), ...sure, ...beside },
        })),
      ),
  );
  const byName = Object.keys(refuses).map((option) => ({ of, option, given: { ...sure, [option]: 'x' } }));
  return [...byRules, ...byName];
});
