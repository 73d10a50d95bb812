/** The schemas of what --json prints (schemas/), each compiled when it is first asked for. */
import { readFileSync, readdirSync } from 'node:fs';
import { Ajv } from 'ajv';

const folder = new URL('../../schemas/', import.meta.url);
const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true, code: { optimize: false } });
for (const file of readdirSync(folder))
  ajv.addSchema(JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as object, file);

/** Throws where a document is not of the schema of that name. */
export function requireSchema(name: string, document: unknown): void {
  const validate = ajv.getSchema(`${name}.json`);
  if (validate === undefined) throw new Error(`there is no schema ${name}`);
  if (validate(document) === true) return;
  throw new Error(`${ajv.errorsText(validate.errors, { separator: '\n' })}\n${JSON.stringify(document)}`);
}
