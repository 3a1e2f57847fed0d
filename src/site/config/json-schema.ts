/** The JSON Schema of the configuration file, for editors: schema/site.schema.json in the package. */
import { z } from 'zod';
import type { Facts } from './keys.js';
import { CONFIGURATION } from './schema.js';

/** Where a file can be given the schema, for the YAML language server of editors. */
export const SCHEMA_FILE = 'schema/site.schema.json';

/** The schema, made from that of zod (JSON Schema, draft 2020-12). */
export function jsonSchema(): object {
  return z.toJSONSchema(CONFIGURATION, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema: schema }) => {
      const { defaultText, example } = schema as Partial<Facts>;
      delete schema.defaultText;
      delete schema.example;
      if (defaultText !== undefined) schema.description = `${schema.description} Default: ${defaultText}.`;
      if (example !== undefined) schema.examples = [example];
    },
  });
}
