// Renders the AsyncAPI document as one page that needs no script: node page.mjs asyncapi.json asyncapi.html
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { JSDOM } from 'jsdom';

const require = createRequire(import.meta.url);
const [source, target] = process.argv.slice(2);

// React looks for these when it is loaded.
const { window } = new JSDOM('<!doctype html><div id="page"></div>');
class ResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}
const browser = { window, document: window.document, navigator: window.navigator, ResizeObserver, IS_REACT_ACT_ENVIRONMENT: true };
for (const [name, value] of Object.entries(browser)) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}
const React = require('react');
const { createRoot } = require('react-dom/client');
const { Parser } = require('@asyncapi/parser');
const { AsyncApiComponentWP } = require('@asyncapi/react-component');

const text = await readFile(source);
const { document, diagnostics } = await new Parser().parse(text.toString());
if (!document) {
  throw new Error(diagnostics.map((one) => one.message).join('\n'));
}
const page = window.document.getElementById('page');
const config = { show: { sidebar: false, errors: false, schemas: false }, expand: { messageExamples: true } };
await React.act(() => createRoot(page).render(React.createElement(AsyncApiComponentWP, { schema: document, config })));
await expandAll();

// Nothing can be pressed where there is no script.
page.querySelectorAll('button').forEach((button) => {
  const text = window.document.createElement('span');
  text.className = button.className;
  button.querySelectorAll('svg').forEach((arrow) => arrow.remove());
  text.append(...button.childNodes);
  button.replaceWith(text);
});
page.querySelectorAll('.hidden').forEach((one) => one.classList.remove('hidden'));

const style = await readFile(require.resolve('@asyncapi/react-component/styles/default.min.css'), 'utf8');
await writeFile(target, `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="source-sha256" content="${createHash('sha256').update(text).digest('hex')}">
<title>${document.info().title()}</title>
<style>body { margin: 0; font-family: system-ui, sans-serif; } ${style}</style>
</head>
<body>
${page.innerHTML}
</body>
</html>
`);

// Without how AMQP is told of each part, which the text of the messages says in a line.
function leaveOutBindings() {
  [...page.querySelectorAll('span')].filter((text) => / specific information$/.test(text.firstChild?.textContent.trim() ?? ''))
    .forEach((text) => text.closest('.border.rounded')?.remove());
}

// What is shown holds more that can be.
async function expandAll() {
  for (;;) {
    leaveOutBindings();
    const closed = [...page.querySelectorAll('button')].filter((button) => button.textContent === 'Expand all');
    if (closed.length === 0) {
      break;
    }
    for (const button of closed) {
      await React.act(() => button.click());
    }
  }
  [...page.querySelectorAll('button')].filter((button) => button.textContent === 'Collapse all').forEach((button) => button.remove());
}
