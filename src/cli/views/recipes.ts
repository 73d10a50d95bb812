/** What a recipe made, which recipes there are, and what one says in full. */
import type {
  Ingredient,
  NamedItem,
  PassedOverItem,
  RecipeItem,
  RecipeResult,
} from '../../core/tasks/ask.js';
import type { RecipeList } from '../../core/tasks/recipe/list.js';
import type { ResolvedRecipe } from '../../core/tasks/recipe/show.js';
import { drawRanking, type RankedItem } from '../terminal/item-table.js';
import { decimals, ordinal, score as scoreText } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import { safeLines, safeText } from '../terminal/safe-text.js';
import type { Screen } from '../terminal/screen.js';
import { drawTable } from '../terminal/table.js';

/** Columns that explanations are set in by. */
const indent = 3;
/** Lines of what was passed over that a person reads; --json has all. */
const mostPassedOver = 10;

/** A recipe with its defaults, as YAML that can be saved. */
export function drawRecipe({ path, text }: ResolvedRecipe): string {
  return `# ${safeText(path)}, with every default\n${safeLines(text).trimEnd()}`;
}

/** Which recipes there are. */
export async function drawRecipeList({ recipes, ownDirectory }: RecipeList, screen: Screen): Promise<string> {
  const columns = [
    { head: 'recipe', cell: ({ name }: RecipeList['recipes'][number]) => name },
    {
      head: 'what for',
      cell: ({ about, problem }: RecipeList['recipes'][number]) =>
        problem === undefined ? about : `cannot be read: ${problem}`,
      atLeast: 20,
      comfortable: 40,
    },
    { head: 'file', cell: ({ path }: RecipeList['recipes'][number]) => path, optional: true, atLeast: 20 },
  ];
  const own = `Your own: a file in ${ownDirectory}/, or any other by its path (docs/recipes.md).`;
  return `${await drawTable(recipes, columns, screen)}\n\n${paragraph(own, screen, 'dim')}`;
}

/** Rows, and why each item is there. */
export async function drawRecipeAnswer(answer: RecipeResult, screen: Screen): Promise<string> {
  const { user, recipe, recommendations, rows, passedOver, leftOut = [] } = answer;
  const whom = user === null ? '' : ` for ${user}`;
  const parts = [paragraph(`${recipe}${whom}`, screen, 'bold')];
  if (passedOver !== undefined && leftOut.length > 0) {
    const keys = leftOut.map(({ key, column }) => `${key} (no column ${column})`);
    parts.push(paragraph(`left out: ${keys.join(', ')}`, screen, 'dim'));
  }
  if (recommendations.length === 0) parts.push(paragraph('nothing is left to recommend', screen));
  const sections = rows ?? (recommendations.length === 0 ? [] : [{ title: '' }]);
  for (const [at, { title }] of sections.entries()) {
    const isHere = ({ row }: { readonly row?: number }): boolean => rows === undefined || row === at + 1;
    if (title !== '') parts.push(paragraph(title, screen, 'bold'));
    parts.push(await drawItems(recommendations.filter(isHere), screen));
    const over = passedOver?.filter(isHere) ?? [];
    if (over.length > 0) parts.push(await drawPassedOver(over, screen));
  }
  return parts.join('\n\n');
}

/** The table, and below each of its lines what put the item there. */
async function drawItems(items: readonly RecipeItem[], screen: Screen): Promise<string> {
  const ofRanked = new Map<RankedItem, RecipeItem>();
  for (const item of items) {
    const { id, name, rank, score } = item;
    const metadata: Record<string, string | number> = {};
    for (const [key, value] of Object.entries(item)) {
      if (key !== 'row' && (typeof value === 'string' || typeof value === 'number')) metadata[key] = value;
    }
    ofRanked.set({ ...metadata, id, name, rank, score }, item);
  }
  return drawRanking([...ofRanked.keys()], 'score', screen, 'item', (ranked) =>
    explanationOf(ofRanked.get(ranked), screen),
  );
}

function explanationOf(item: RecipeItem | undefined, screen: Screen): string | undefined {
  // A column of the catalogue may have any name.
  if (item === undefined || !Array.isArray(item.ingredients)) return undefined;
  return paragraph(ingredientsInWords(item.ingredients, item), screen, 'dim', indent);
}

/** `(0.61 user (#3: 0.912) + 0.2 popular (#12: 341)) × 0.62 popularity-discount = 0.5; 4th by score, 0.83 like "Hey Jude"` */
function ingredientsInWords(ingredients: readonly Ingredient[], { rank, score }: RecipeItem): string {
  const sources: string[] = [];
  let factors = '';
  let slot = '';
  let place = '';
  for (const one of ingredients) {
    if (one.ingredient === 'source') {
      const near = one.near === undefined ? '' : `, near ${quoted(one.near)}`;
      sources.push(`${number(one.share)} ${one.source} (#${one.rank}: ${number(one.score)}${near})`);
    } else if (one.ingredient === 'factor') {
      if (one.factor !== 1) factors += ` × ${number(one.factor)} ${one.key}`;
    } else if (one.ingredient === 'slot') {
      slot = one.key === 'promote' ? '; promoted' : `; drawn ${ordinal(one.drawn)} of ${one.of}`;
    } else place = placeInWords(one, rank);
  }
  const sum = sources.join(' + ');
  const product = factors === '' ? sum : `${sources.length > 1 ? `(${sum})` : sum}${factors}`;
  const total = factors === '' && sources.length === 1 ? '' : ` = ${number(score)}`;
  return `${product}${total}${slot}${place}`;
}

function placeInWords(
  { byScore, chosen, mmr, toPrevious }: Extract<Ingredient, { ingredient: 'place' }>,
  rank: number,
): string {
  const said: string[] = [];
  if (byScore !== rank) said.push(`${ordinal(byScore)} by score`);
  if (toPrevious !== undefined && chosen !== rank && chosen !== byScore)
    said.push(`chosen ${ordinal(chosen)}`);
  if (mmr?.nearest) said.push(`${number(mmr.similarity)} like ${quoted(mmr.nearest)}`);
  if (toPrevious !== undefined && toPrevious !== null) said.push(`${number(toPrevious)} like the one before`);
  return said.length === 0 ? '' : `; ${said.join(', ')}`;
}

async function drawPassedOver(items: readonly PassedOverItem[], screen: Screen): Promise<string> {
  const shown = items.slice(0, mostPassedOver);
  const because = ({ because: why }: PassedOverItem): string =>
    'nearest' in why ? `mmr: ${number(why.similarity)} like ${why.nearest.name}` : `${why.key}: ${why.value}`;
  const table = await drawTable(
    shown,
    [
      { head: 'by score', cell: ({ byScore }) => String(byScore), align: 'right' },
      { head: 'passed over', cell: ({ name }) => name, atLeast: 12 },
      { head: 'score', cell: ({ score }) => scoreText(score), align: 'right' },
      { head: 'because of', cell: because, atLeast: 16 },
    ],
    screen,
  );
  const more = items.length - shown.length;
  return more === 0 ? table : `${table}\n${paragraph(`… and ${more} more: --json has all`, screen, 'dim')}`;
}

function number(value: number): string {
  return decimals(Number(value.toPrecision(3))).replace('-', '−');
}

function quoted({ name }: NamedItem): string {
  return `"${safeText(name)}"`;
}
