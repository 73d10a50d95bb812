import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core/config';

interface Example {
  readonly description: string;
  readonly command: string;
}

const plugin = new Plugin({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  ignoreManifest: true,
  errorOnManifestCreate: true,
});
await plugin.load();
const order = ['train', 'build-index', 'user-vector', 'publish'];
const place = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length);

/** The examples of every command's --help, in the order in which they make sense, with the flags that the command has. */
export const helpExamples = Object.values(plugin.manifest.commands)
  .filter(({ hidden }) => !hidden)
  .sort((a, b) => place(a.id) - place(b.id))
  .flatMap(({ id, examples, flags }) =>
    (examples as Example[]).map((example) => ({ id, flags: Object.keys(flags), ...example })),
  );
