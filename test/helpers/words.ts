/**
 * A command line as it is typed, or any list of words: what stands between spaces. What is put in by `${…}` stays as it is, spaces
 * and all; a list is that many words.
 */
export function words(
  texts: TemplateStringsArray,
  ...values: readonly (string | number | readonly string[])[]
): string[] {
  const marked = texts.reduce((all, text, at) => `${all}\0${at - 1}\0${text}`);
  const typed = marked.split(/\s+/).filter((word) => word !== '');
  return typed.flatMap((word) => {
    const [, whole] = /^\0(\d+)\0$/.exec(word) ?? [];
    const value = values[Number(whole)];
    if (whole !== undefined) return typeof value === 'object' ? value : String(value);
    return word.replaceAll(/\0(\d+)\0/g, (_, at) => String(values[Number(at)]));
  });
}
