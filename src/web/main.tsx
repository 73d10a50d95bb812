import { render } from 'preact';
import { openService, tokenIn } from './api/service.js';
import { Page } from './page.js';
import { showTheme, storedTheme } from './parts/theme.js';

const service = openService(window.sessionStorage);
const { token, rest } = tokenIn(window.location.hash);
if (token !== undefined) {
  service.setToken(token);
  // Out of the address and of the history, where others may see it.
  window.history.replaceState(window.history.state, '', rest);
}
showTheme(storedTheme());

const element = document.getElementById('page');
if (element === null) throw new Error('index.html has no #page');
element.replaceChildren();
const canKeep = document.querySelector('meta[name="segue-feedback"]')?.getAttribute('content') === 'yes';
render(<Page service={service} canKeep={canKeep} />, element);
