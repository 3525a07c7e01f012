// Writes the public surface of the package, api.d.txt: what a version may add to and never take from.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const FILE = fileURLToPath(new URL('../api.d.txt', import.meta.url));
const DIST = new URL('../dist/', import.meta.url);

/** The declarations that index.d.ts exports, without comments and private members. */
export async function api() {
  const index = await declarations('index.d.ts');
  const parts = [index];
  for (const [, name] of index.matchAll(/from '\.\/(.*)\.js'/g)) {
    if (name !== 'generated/messages') parts.push(`// ${name}\n${await declarations(`${name}.d.ts`)}`);
  }
  return parts.join('\n');
}

async function declarations(file) {
  const text = await readFile(new URL(file, DIST), 'utf8');
  return text.replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, '').replace(/^ {4}#private;\n/gm, '');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await writeFile(FILE, await api());
