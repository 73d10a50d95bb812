// Type-aware rules over everything that runs; `npm run lint` treats warnings as errors.
import eslint from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  // The kernels are AssemblyScript: TypeScript's syntax with decorators on functions, and other types. `asc` checks them,
  // and what they export is generated, as are the types of the client.
  globalIgnores([
    '**/dist/',
    '**/build/',
    '**/coverage/',
    '.segue*/',
    'src/core/kernels/',
    '**/kernel-exports.ts',
    'src/client/openapi.ts',
  ]),
  eslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: { ecmaVersion: 2023, sourceType: 'module' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-implicit-coercion': ['error', { allow: ['!!'] }],
      'no-param-reassign': 'error',
      'no-template-curly-in-string': 'error',
      'object-shorthand': 'error',
      'prefer-template': 'off',
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['vitest.config.ts'] } } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/strict-boolean-expressions': ['error', { allowNullableObject: true }],
      // Numbers are what this program is about; `${count} items` is how its messages are written.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Typed arrays read in hot loops are indexed, and `for (let i …)` says which array the index belongs to.
      '@typescript-eslint/prefer-for-of': 'off',
      // Under noUncheckedIndexedAccess an index that was just checked needs a word; `!` is that word.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // tsc says it better (noUnusedLocals, noUnusedParameters, noPropertyAccessFromIndexSignature).
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/dot-notation': 'off',
      // Functions of the WASM module are declared like methods and have no `this`.
      '@typescript-eslint/unbound-method': 'off',
      // An empty callback is a callback.
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    // The core never prints: options in, results out. Randomness and the clock are passed in.
    files: ['src/core/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Use numeric/random: same seed, same bytes.' },
        { object: 'process', property: 'stdout', message: 'Tasks return results; commands print them.' },
        { object: 'process', property: 'exit', message: 'Throw an AppError; bin/run.js exits.' },
      ],
    },
  },
  {
    // Preact's types bring the DOM's: names that exist in a browser only, and mistyped ones that would pass for them.
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/web/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['window', 'document', 'self', 'top', 'parent', 'frames', 'opener', 'origin', 'name', 'status'],
        ...['event', 'location', 'history', 'screen', 'length', 'open', 'close', 'stop', 'print', 'find'],
        ...['focus', 'blur', 'scroll', 'alert', 'confirm', 'prompt', 'localStorage', 'sessionStorage'],
      ],
    },
  },
  {
    // Objects are written plainly, and the formatter decides where a line ends; members are private by the language.
    files: ['src/{client,figures,tui,web}/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: ':matches(SpreadElement, JSXSpreadAttribute) > ObjectExpression',
          message: 'Write the properties themselves, without a spread.',
        },
        { selector: '[accessibility=/private|protected/]', message: 'Write #name.' },
      ],
    },
  },
  {
    files: ['src/tui/**/*.tsx', 'src/web/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended],
  },
  {
    // Classes of others, as far as we use them.
    files: ['src/**/*.d.ts'],
    rules: { '@typescript-eslint/no-extraneous-class': 'off' },
  },
  {
    files: ['test/**/*.{ts,tsx}', 'bench/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['**/src/**'], message: 'Import what is built: #dist/….' }] },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      // JSON that a command printed is checked by what the test expects of it.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/strict-boolean-expressions': [
        'error',
        { allowNullableObject: true, allowAny: true },
      ],
      '@typescript-eslint/restrict-plus-operands': ['error', { allowAny: true }],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-type-assertion': 'off',
    },
  },
  {
    // The page is bundled and not compiled file by file: it is tested as it is written.
    files: ['test/web/**/*.{ts,tsx}'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        URL: 'readonly',
        AbortController: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        console: 'readonly',
        WebAssembly: 'readonly',
      },
    },
  },
  {
    files: ['test/**/*.{ts,tsx}', 'bench/**/*.{ts,mjs}', 'scripts/*.mjs'],
    rules: { 'no-console': 'off' },
  },
);
