/** What breaks a contract is found before it is sent, in the words of the worker. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { RULES, WHITE_SPACE } from '#dist/generated/rules.js';
import { checkedCall, checkedChange } from '#dist/rules.js';
import { ContractError, type BrokenRule } from 'voice-worker-client';

const startedAt = '2026-01-31T09:30:00Z';
const schema = new URL('../../../../docs/contracts/CallStarted.schema.json', import.meta.url);

function broken(check: () => unknown): readonly BrokenRule[] {
  try {
    check();
    return [];
  } catch (error) {
    assert.ok(error instanceof ContractError);
    return error.broken;
  }
}

function ofCall(fields: object): readonly BrokenRule[] {
  return broken(() => checkedCall({ callId: 'CA-1', businessId: 1, startedAt, ...fields }));
}

function ofChange(fields: object): readonly BrokenRule[] {
  const change = { businessId: 1, voiceId: 'sage', changedAt: startedAt, changedBy: 'anna' };
  return broken(() => checkedChange({ ...change, ...fields }));
}

test('what keeps its contract is taken', () => {
  assert.deepEqual(ofCall({ callId: 'x'.repeat(64), businessId: 2 ** 31 - 1 }), []);
  assert.deepEqual(ofCall({ callId: '😀'.repeat(64) }), [], 'counted in code points');
  assert.deepEqual(ofChange({ voiceId: '  Sage\t', changedBy: null }), []);
  assert.deepEqual(ofChange({ changedBy: 'é😀'.repeat(64) }), []);
});

test('every broken rule is told with its field', () => {
  assert.deepEqual(ofCall({ callId: '😀'.repeat(65), businessId: 0, startedAt: '2026-01-31' }), [
    { field: 'callId', rule: `${RULES.callId} (was 65 characters)` },
    { field: 'businessId', rule: RULES.businessId },
    { field: 'startedAt', rule: RULES.startedAt },
  ]);
});

test('no text that the worker refuses is taken', () => {
  const texts = ['', ' ', ' x', 'x ', 'a\u200bb', 'a\nb', '\ud800', '\x1cx', 'x\u0085'];
  for (const callId of [...texts, null, undefined, 7, {}]) {
    assert.equal(ofCall({ callId })[0]?.field, 'callId', JSON.stringify(callId));
  }
  for (const voiceId of ['', ' ', 'x'.repeat(33), '\ufeffx', '\x1cx', null, undefined, 7]) {
    assert.equal(ofChange({ voiceId })[0]?.field, 'voiceId', JSON.stringify(voiceId));
  }
  for (const changedBy of ['x'.repeat(129), '\n', 7, {}]) assert.equal(ofChange({ changedBy })[0]?.field, 'changedBy');
});

test('a business is an integer in its range', () => {
  for (const businessId of [0, -1, 2 ** 31, true, 1.5, NaN, '1', 1n, null, undefined]) {
    assert.deepEqual(ofCall({ businessId }), [{ field: 'businessId', rule: RULES.businessId }]);
  }
});

test('an instant has an offset and a place in the calendar', () => {
  const right = [
    '2024-02-29T00:00:00Z', '2000-02-29T23:59:59.1234567890123456+14:00', '0099-03-01T00:00:00-00:00', new Date(0),
  ];
  for (const changedAt of right) assert.deepEqual(ofChange({ changedAt }), [], String(changedAt));
  const wrong = [
    '2026-01-31T09:30:00', '2026-01-31', '2026-02-30T09:30:00Z', '2025-02-29T09:30:00Z', '2026-13-01T09:30:00Z',
    '2026-01-31T24:00:00Z', '2026-01-31T09:30:60Z', '2026-01-31t09:30:00z', '2026-01-31T09:30:00+15:00',
    '0001-01-01T00:00:00Z', '0001-01-01T01:00:00+02:00', '0000-01-01T00:00:00Z', '9999-12-31T23:00:00-02:00',
    ' 2026-01-31T09:30:00Z', '2026-01-31T09:30:00Z\n', new Date(NaN), new Date(9e14), 0, null, undefined,
  ];
  for (const changedAt of wrong) {
    assert.deepEqual(ofChange({ changedAt }), [{ field: 'changedAt', rule: RULES.changedAt }], String(changedAt));
  }
});

test('an error quotes no value', () => {
  assert.throws(() => checkedCall({ callId: 'secret\n', businessId: 1, startedAt }), (error: Error) => {
    assert.ok(!error.message.includes('secret'));
    return error.message.startsWith('callId: required: 1–64 printable characters');
  });
});

test('the characters are those of the schema', async () => {
  type Schema = { properties: { callId: { not: { pattern: string } } } };
  const { properties } = JSON.parse(await readFile(schema, 'utf8')) as Schema;
  const refused = new RegExp(properties.callId.not.pattern, 'u');
  for (let code = 0; code < 0x10000; code++) {
    const character = String.fromCharCode(code);
    if (/\p{Cs}/u.test(character)) continue;
    assert.equal(ofCall({ callId: character }).length > 0, refused.test(character), `U+${code.toString(16)}`);
    if (WHITE_SPACE.includes(character)) assert.ok(refused.test(character));
  }
});
