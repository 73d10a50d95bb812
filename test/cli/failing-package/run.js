// segue with commands that fail in every way there is.
import { main } from '../../../dist/cli/main.js';

await main(process.argv.slice(2), { root: new URL('.', import.meta.url) });
