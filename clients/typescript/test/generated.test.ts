/** What is generated, and what is promised. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

interface Script {
  readonly FILE: string;
  readonly messages?: () => Promise<string>;
  readonly api?: () => Promise<string>;
}

function script(name: string): Promise<Script> {
  return import(new URL(`../../scripts/${name}.mjs`, import.meta.url).href) as Promise<Script>;
}

test('the types of the messages are what the schemas say', async () => {
  const { FILE, messages } = await script('messages');
  assert.equal(await readFile(FILE, 'utf8'), await messages?.(), 'run npm run generate');
});

test('the public surface is the one that was approved', async () => {
  const { FILE, api } = await script('api');
  assert.equal(await readFile(FILE, 'utf8'), await api?.(), 'if it was meant to change, run npm run api');
});
