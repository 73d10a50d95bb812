/** What `recipe check` prints: a line for each part of a recipe, and what is missing for it. */
import type { CheckedPart, CheckRecipeResult } from '../../core/tasks/recipe/check.js';
import { drawFacts, type Fact } from '../terminal/facts.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

export function drawCheckedRecipe(checked: CheckRecipeResult, screen: Screen): string {
  const { name, path, resolved, parts } = checked;
  const { about } = resolved;
  const title = typeof about === 'string' ? `${name}: ${about}` : name;
  return [
    paragraph(title, screen, 'bold'),
    drawFacts(
      // A key's own name says enough in these groups, which share none.
      parts.map((part): Fact => [
        part.key.replace(/^(filters|rescore|diversity)\./, ''),
        `${part.does}${columnsInWords(part)}`,
      ]),
      screen,
    ),
    drawFacts(
      [
        ['file', path],
        ['checked', verdictOf(checked)],
      ],
      screen,
    ),
  ].join('\n\n');
}

function columnsInWords({ columns, missing, then }: CheckedPart): string {
  if (missing.length > 0)
    return ` — ${then === 'left-out' ? 'left out' : 'refused'}: no column ${missing.join(', ')}`;
  return columns.length === 0 ? '' : ` (column ${columns.join(', ')})`;
}

function verdictOf({ snapshot, parts }: CheckRecipeResult): string {
  if (snapshot === null) return 'without a snapshot';
  const having = (then: CheckedPart['then']): readonly string[] =>
    parts.filter((part) => part.then === then).map(({ key }) => key);
  const [refused, leftOut] = [having('refused'), having('left-out')];
  if (refused.length > 0) return `snapshot ${snapshot} cannot be used with it: ${refused.join(', ')}`;
  return leftOut.length > 0
    ? `snapshot ${snapshot} can be used with it, without ${leftOut.join(', ')}`
    : `snapshot ${snapshot} has every column that it reads`;
}
