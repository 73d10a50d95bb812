/** Types of events by the names that a file has for them. */
import { AppError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import { eventTypes, keptTypes } from './event-rules.js';

const allTypes: readonly string[] = [...eventTypes, ...keptTypes];

/** What to do about a type that is none. */
export function typeAdvice(value: string | null): readonly string[] {
  const type = value?.trim() ?? '';
  if (type === '' || type.length > 40 || /[,=]/.test(type) || allTypes.includes(type.toLowerCase()))
    return [];
  return [`Say what it means: \`types\` ${shellWord(`play=${type}`)}`];
}

/**
 * `like=addtocart,transaction,play=view` → what each name means, in lower case: a name without a sign belongs to the type before it.
 * AppError 'bad-usage'.
 */
export function parseTypes(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let type: string | undefined;
  for (const word of text.split(',')) {
    const [, given, name = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(word)!;
    type = given === undefined ? type : given.trim().toLowerCase();
    const written = name.trim().toLowerCase();
    if (type === undefined || !allTypes.includes(type) || written === '') {
      const what =
        type === undefined
          ? `${JSON.stringify(word)} is of no type`
          : `${JSON.stringify(type)} is not a type`;
      throw new AppError(
        'bad-usage',
        `\`types\` ${JSON.stringify(text)}: ${written === '' ? 'a name is empty' : what}; TYPE=NAME,NAME is wanted`,
        {
          suggestions: [
            `types are ${allTypes.join(', ')}: \`types\` ${shellWord('like=addtocart,transaction')}`,
          ],
        },
      );
    }
    if (names.has(written))
      throw new AppError('bad-usage', `\`types\` says twice what ${JSON.stringify(written)} means`);
    names.set(written, type);
  }
  return names;
}
