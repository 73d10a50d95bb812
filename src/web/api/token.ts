/** The token that whoever opened the page was given: kept for the tab, and never in the address. */
export interface TokenStore {
  read(): string | undefined;
  write(token: string): void;
}

const key = 'segue-token';

export function tokenStore(storage: Storage): TokenStore {
  return {
    read: () => storage.getItem(key) ?? undefined,
    write: (token) => storage.setItem(key, token),
  };
}

/** `#token=…`, alone or before the place (`#token=…&/item/x`) → the token and the fragment without it. */
export function tokenIn(fragment: string): { readonly token: string | undefined; readonly rest: string } {
  const [, token, rest = ''] = /^#token=([^&]+)(?:&(.*))?$/s.exec(fragment) ?? [];
  return token === undefined ? { token, rest: fragment } : { token, rest: `#${rest === '' ? '/' : rest}` };
}
