import { AppError } from '../../core/errors.js';

/** AppError 'bad-usage' for what a walk through the neighbours of items does not know. */
export function requireOneItem(items: readonly string[], flags: Readonly<Record<string, unknown>>): void {
  const given = ['minus', 'weights', 'vector', 'max-per-artist'].find((name) => flags[name] !== undefined);
  if (items.length > 1 || given === 'minus' || given === 'weights') {
    throw new AppError('bad-usage', '--browse starts at one item: it does not add or subtract items', {
      suggestions: ['name one ITEM, or leave --browse out'],
    });
  }
  const other = flags['kind'] === 'item' ? given : 'kind';
  if (other === undefined) return;
  throw new AppError('bad-usage', `--browse walks from item to item: --${other} does not apply to it`, {
    suggestions: [`leave --${other} out, or --browse`],
  });
}
