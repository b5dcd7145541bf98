// Validates an AsyncAPI document with the parser of the AsyncAPI initiative, and writes it as JSON: node eng/asyncapi.mjs FILE
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { Parser } = createRequire(new URL('../artifacts/tools/asyncapi/', import.meta.url))('@asyncapi/parser');
// Which version is the newest is no fault of a document.
const parser = new Parser({ ruleset: { rules: { 'asyncapi-latest-version': 'off' } } });
const { document, diagnostics } = await parser.parse(readFileSync(process.argv[2], 'utf8'));
for (const { code, path, message } of diagnostics) console.error(`${code} at ${path.join('/')}: ${message}`);
if (diagnostics.length > 0) process.exit(1);
// The parser adds members of its own, and puts one object in many places.
process.stdout.write(JSON.stringify(document.json(), (name, value) => (name.startsWith('x-parser-') ? undefined : value)));
