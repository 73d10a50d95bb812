/** Light, dark, or as the system says: kept in the browser. */
export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'segue-theme';

export function storedTheme(): Theme {
  const stored = window.localStorage.getItem(key);
  return themes.find((theme) => theme === stored) ?? 'auto';
}

export function chooseTheme(theme: Theme): void {
  window.localStorage.setItem(key, theme);
  showTheme(theme);
}

export function showTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}
