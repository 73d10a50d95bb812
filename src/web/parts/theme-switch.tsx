import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import { chooseTheme, storedTheme, themes } from './theme.js';

const names = { auto: 'As the system', light: 'Light', dark: 'Dark' } as const;
const signs = {
  auto: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 0v12',
  light:
    'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  dark: 'M13 10.2A5.6 5.6 0 0 1 5.8 3 5.6 5.6 0 1 0 13 10.2Z',
} as const;

/** From one theme to the next. */
export function ThemeSwitch(): ComponentChild {
  const [theme, setTheme] = useState(storedTheme);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto';
  const change = (): void => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <button
      type="button"
      class="icon"
      aria-label={`Colours: ${names[theme].toLowerCase()}. Change to ${names[next].toLowerCase()}`}
      title={`Colours: ${names[theme].toLowerCase()}`}
      onClick={change}
    >
      <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
        <path d={signs[theme]} />
      </svg>
    </button>
  );
}
