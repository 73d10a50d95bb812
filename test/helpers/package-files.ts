/** What the package must have, among others: what running needs, and the papers. */
export const neededInPackage = [
  'LICENSE',
  'NOTICE',
  'README.md',
  'CHANGELOG.md',
  'docs/reference/formats.md',
  'docs/reference/recipes.md',
  'recipes/discover.yaml',
  'profiles/spotify-account.yaml',
  'schemas/recipe.schema.json',
  'examples/classic-rock/plays.csv.gz',
  'examples/classic-rock/LICENSE-CC-BY-4.0.txt',
  'assets/dejavu-sans.ttf',
  'assets/LICENSE-dejavu.txt',
  'bin/run.js',
  'oclif.manifest.json',
  'openapi.json',
  'clients/python/pyproject.toml',
  'clients/python/src/segue/__init__.py',
  'clients/python/src/segue_client/operations.py',
  'clients/python/src/segue_client/py.typed',
  'dist/client/client.js',
  'dist/client/client.d.ts',
  'dist/core/library.js',
  'dist/core/library.d.ts',
  'dist/core/kernels/kernels.wasm',
  'dist/core/expressions/expression-grammar.js',
  'dist/commands/train.js',
] as const;

const known =
  /^(assets\/[\w-]+\.(?:ttf|txt)|clients\/python\/(?:README\.md|pyproject\.toml|src\/segue(?:_client)?\/(?:\w+\.py|py\.typed))|bin\/run\.js|dist\/.+|docs\/.+\.(?:md|svg)|(?:profiles|recipes)\/[a-z-]+\.yaml|schemas\/[a-z.-]+\.json|examples\/(ci|classic-rock)\/[^/]+\.(md|txt|csv|csv\.gz|ya?ml)|examples\/deploy\/[\w.-]+|oclif\.manifest\.json|openapi\.json|package\.json|[A-Z]+(\.md)?)$/;

/** Neither source, tests nor build notes. */
export const isKnownInPackage = (path: string): boolean =>
  known.test(path) && !/\.(map|tsbuildinfo)$/.test(path);
