// Judges texts by the schemas of a folder: reads lines of {"schema", "text"}, writes true or false for each.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const [folder, cases] = process.argv.slice(2);
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
addFormats(ajv);
const schemas = new Map(readdirSync(folder)
  .filter((file) => file.endsWith('.schema.json'))
  .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')))
  .map((schema) => [schema.title, ajv.compile(schema)]));

function accepts({ schema, text }) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return false;
  }
  return schemas.get(schema)(message);
}

const lines = readFileSync(cases, 'utf8').trimEnd().split('\n');
console.log(lines.map((line) => accepts(JSON.parse(line))).join('\n'));
