/** Checks an output against the schema that is published for it, more strictly than a reader would. */

import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import { filesBelow } from '../house/source-tree.ts';

const SCHEMAS = filesBelow('docs/schemas', /\.json$/).map(
  ({ text }) => JSON.parse(text) as { readonly $id: string },
);

// A reader must put up with members that come later; a test must notice what the schema does not tell of.
const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, validateFormats: false });
for (const schema of SCHEMAS) ajv.addSchema(closed(schema) as object);

/** `name` is that of a file in docs/schemas. */
export function assertPublished(name: string, output: unknown): void {
  const validate = ajv.getSchema(name);
  assert.ok(validate !== undefined, `there is no docs/schemas/${name}`);
  if (validate(output) === true) return;
  assert.fail(`${name}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(output)?.slice(0, 2000)}`);
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  return 'properties' in schema && !('additionalProperties' in schema)
    ? { ...members, additionalProperties: false }
    : members;
}
