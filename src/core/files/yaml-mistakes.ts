/** What is wrong in a YAML file, in words of those who write it rather than of its grammar. */
import type { YAMLError, YAMLWarning } from 'yaml';

/** What is wrong, and where: an offset in the text. */
export interface YamlMistake {
  readonly offset: number;
  readonly what: string;
}

/** The mistake that a problem of the parser's stands for; its own words where it is none that people make. */
export function mistakeIn(text: string, problem: YAMLError | YAMLWarning): YamlMistake {
  const [at] = problem.pos;
  const rest = restOfLine(text, at);
  const got = JSON.stringify(rest.length > 60 ? `${rest.slice(0, 59)}…` : rest);
  const mistake = (what: string, offset = at): YamlMistake => ({ offset, what });
  switch (problem.code) {
    case 'MULTILINE_IMPLICIT_KEY':
      return mistake(`got ${got}, wanted "key: value", with a colon and a space after the key`);
    case 'MISSING_CHAR': {
      const [, quote] = /^Missing closing (["'])/.exec(problem.message) ?? [];
      return quote === undefined
        ? mistake(`got ${got}, wanted "key: value", with a colon and a space after the key`)
        : mistake(`a quoted text has no closing ${quote}`, text.lastIndexOf(quote, at - 1));
    }
    case 'BLOCK_AS_IMPLICIT_KEY': {
      if (/:(\s|$)/.test(rest))
        return mistake(`got ${got}; a value that holds a colon and a space has to be in quotes`);
      const next = text.indexOf('\n', at) + 1;
      const under = JSON.stringify(restOfLine(text, next));
      return mistake(`${under} is indented, and the line before it has a value already`, next);
    }
    case 'TAB_AS_INDENT':
      return mistake('a tab; lines are indented by spaces');
    case 'BAD_SCALAR_START':
      return mistake(`got ${got}; a value that begins with ${JSON.stringify(text[at])} has to be in quotes`);
    case 'UNEXPECTED_TOKEN':
      return /["']\s*$/.test(text.slice(0, at)) && problem.message.startsWith('Unexpected scalar')
        ? mistake(
            `got ${got} after a text in quotes; a value that holds quotes has to be in quotes as a whole`,
          )
        : mistake(problem.message);
    case 'BAD_INDENT':
      return problem.message.startsWith('Flow')
        ? mistake('a [ or { before this line is not closed')
        : mistake(`got ${got}; the keys of a map, and the items of a list, have to begin in one column`);
    default:
      return mistake(problem.message);
  }
}

function restOfLine(text: string, at: number): string {
  const [line = ''] = text.slice(at).split(/\r?\n/, 1);
  return line.trim();
}
