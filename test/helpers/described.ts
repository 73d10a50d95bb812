/** What openapi.json says of answers. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const openapi = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));

const ajv = new Ajv2020({ strict: false });
ajv.addSchema({ $id: 'openapi', components: openapi.components });

export const operations: readonly any[] = Object.values<any>(openapi.paths).flatMap((methods) =>
  Object.values<any>(methods),
);

/** Whether a whole answer, one without `fields`, is as the document says of the operation; a text says what is not. */
export function isAsDescribed(id: string, answer: unknown, status = 200): true | string {
  const { responses } = operations.find(({ operationId }) => operationId === id);
  const told = responses[status];
  const { content } =
    told.$ref === undefined ? told : openapi.components.responses[told.$ref.split('/').at(-1)];
  if (answer instanceof ArrayBuffer) return 'application/octet-stream' in content || 'no bytes are described';
  const { schema } = content[status < 400 ? 'application/json' : 'application/problem+json'];
  const whole = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/'), (key, value) =>
    key === 'anyOf' ? value.filter((each: any) => !String(each.$ref).endsWith('Part')) : value,
  );
  return ajv.validate(whole, answer) || `${id}: ${ajv.errorsText()}`;
}
