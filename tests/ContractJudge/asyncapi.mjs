// Prints what the AsyncAPI parser finds wrong with a document, a line each: severity (0 error … 3 hint), path, message.
// Then a line with the version, and what it read: channels, operations, messages.
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], 'utf8'));
for (const finding of diagnostics) {
  console.log(`${finding.severity} ${finding.path.join('.')}: ${finding.message}`);
}
if (document) {
  const sizes = [document.channels(), document.operations(), document.messages()].map((all) => all.length);
  console.log(`asyncapi ${document.version()}: ${sizes.join(' ')}`);
}
