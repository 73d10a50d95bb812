/** Which columns a predicate compares. */
import { parsePredicate } from './parse-predicate.js';
import { visitTests } from './predicate.js';

/** Each once, as the text names them. AppError 'bad-usage' for one that does not parse. */
export function columnsOfPredicate(text: string): string[] {
  const names = new Set<string>();
  visitTests(parsePredicate(text, 'the condition'), ({ column }) => names.add(column.name));
  return [...names];
}
