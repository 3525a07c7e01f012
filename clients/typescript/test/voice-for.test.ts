/** A call is never without a voice, and never waits longer than its caller has said. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ContractError, VoiceClient } from 'voice-worker-client';
import { brokerUrl, nowhere, onChannel, until, Way } from './broker.js';
import { FakeWorker, marin, type Answer } from './fake-worker.js';
import { RecordedLog } from './recorded-log.js';

// Milliseconds that a call may take beyond its timeout on a machine that others use; a fault would cost seconds.
const TOLERANCE = 1000;

async function within<Result>(ms: number, promise: Promise<Result>): Promise<Result> {
  const begin = performance.now();
  const result = await promise;
  assert.ok(performance.now() - begin < ms + TOLERANCE);
  return result;
}

async function deafNode(): Promise<[url: string, net.Server]> {
  const server = net.createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return [`amqp://127.0.0.1:${(server.address() as AddressInfo).port}`, server];
}

test('the default comes in time while nobody listens', async () => {
  const logger = new RecordedLog();
  await using client = new VoiceClient([await nowhere()], { timeoutMs: 200, default: 'sage', logger });
  for (let n = 0; n < 3; n++) {
    const voice = await within(200, client.voiceFor({ businessId: 42, callId: 'CA-1' }));
    const expected = { voiceId: 'sage', source: 'default', reason: 'timeout', businessId: 42, callId: 'CA-1' };
    assert.deepEqual(voice, { ...expected, isAnswer: false });
  }
  const own = await client.voiceFor({ businessId: 42, callId: 'CA-1', timeoutMs: 1, default: 'cedar' });
  assert.equal(own.voiceId, 'cedar');
  assert.deepEqual(client.counts, { answered: 0, defaulted: 4, late: 0 });
  assert.equal(logger.of('warn').length, 1, 'each trouble is told once');
  assert.ok(!logger.lines.join().includes('s3cr3t'));
});

test('the default comes in time while a node accepts and says nothing', async () => {
  const [url, server] = await deafNode();
  await using client = new VoiceClient(url, { timeoutMs: 200 });
  assert.equal((await within(200, client.voiceFor({ businessId: 42, callId: 'CA-1' }))).reason, 'timeout');
  await within(0, client.close());
  server.close();
});

test('a broken argument is an error before anything is sent', async () => {
  await using client = new VoiceClient('amqp://127.0.0.1:1');
  await assert.rejects(client.voiceFor({ businessId: 0, callId: ' CA-1' }), (error) => {
    assert.ok(error instanceof ContractError);
    assert.deepEqual(error.broken.map(({ field }) => field), ['callId', 'businessId']);
    return error.error === 'invalidMessage';
  });
  assert.deepEqual(client.counts, { answered: 0, defaulted: 0, late: 0 });
});

test('a wrong setting is an error without the password', () => {
  for (const urls of ['', [], 'http://user:s3cr3t@host', ['amqp://user:s3cr3t@'], 'amqp://user:s3cr3t@host:port']) {
    assert.throws(() => new VoiceClient(urls), (error: Error) => {
      assert.ok(!`${error.stack} ${JSON.stringify(error)}`.includes('s3cr3t'));
      return error instanceof TypeError;
    });
  }
  for (const timeoutMs of [0, -1, NaN, Infinity]) {
    assert.throws(() => new VoiceClient('amqp://host', { timeoutMs }), RangeError);
  }
});

test('the answer of the worker is the voice', async () => {
  await using worker = await FakeWorker.started();
  await using client = new VoiceClient(brokerUrl, { timeoutMs: 5000 });
  const voice = await client.voiceFor({ businessId: 42, callId: 'CA-1' });
  const expected = { voiceId: 'marin', source: 'business', reason: 'businessVoice', businessId: 42, callId: 'CA-1' };
  assert.deepEqual(voice, { ...expected, isAnswer: true });
  const [{ message, properties }] = worker.heard as [FakeWorker['heard'][0]];
  assert.deepEqual(Object.keys(message), ['callId', 'businessId', 'startedAt']);
  assert.ok(Number(properties.expiration) <= 5000 && /^[1-9][0-9]*$/.test(properties.expiration));
  assert.equal(properties.deliveryMode, 2);
  assert.equal(properties.contentType, 'application/json');
  assert.deepEqual(client.counts, { answered: 1, defaulted: 0, late: 0 });
});

test('a refusal is an error that names field and rule', async () => {
  const broken = [{ field: 'startedAt', rule: 'required' }];
  await using _ = await FakeWorker.started({ answer: () => ['CallRefused', { error: 'invalidMessage', broken }] });
  await using client = new VoiceClient(brokerUrl, { timeoutMs: 5000 });
  await assert.rejects(client.voiceFor({ businessId: 42, callId: 'CA-1' }), { name: 'ContractError', broken });
});

test('what could not be recorded or read gets the default', async () => {
  const notRecorded = { error: 'notRecorded', broken: [{ field: '', rule: '23514' }] };
  const cases: [Answer, string][] = [
    [['CallRefused', notRecorded], 'notRecorded'], [['CallRefused', {}], 'timeout'], [['CallVoice', {}], 'timeout'],
    [['CallVoice', '{'], 'timeout'], [[undefined, '\ud800'], 'timeout'], [['CallVoice', null], 'timeout'],
  ];
  for (const [answer, reason] of cases) {
    const logger = new RecordedLog();
    await using _ = await FakeWorker.started({ answer: () => answer });
    await using client = new VoiceClient(brokerUrl, { timeoutMs: 5000, logger });
    const voice = await client.voiceFor({ businessId: 42, callId: 'CA-1' });
    assert.deepEqual([voice.voiceId, voice.reason, client.counts.defaulted], ['ash', reason, 1]);
    assert.equal(logger.of('error').length, 1);
  }
});

test('a late answer is counted and nothing else', async () => {
  await using _ = await FakeWorker.started({ delayMs: 400 });
  await using client = new VoiceClient(brokerUrl, { timeoutMs: 5000 });
  await client.voiceFor({ businessId: 42, callId: 'CA-1' });
  const late = client.voiceFor({ businessId: 42, callId: 'CA-2', timeoutMs: 100 });
  assert.equal((await within(100, late)).reason, 'timeout');
  assert.equal((await client.voiceFor({ businessId: 42, callId: 'CA-3' })).callId, 'CA-3');
  assert.deepEqual(client.counts, { answered: 2, defaulted: 1, late: 1 });
});

test('an answer that comes twice is one answer', async () => {
  await using _ = await FakeWorker.started({ answer: (call) => [marin(call), marin(call), ['CallVoice', '[]']] });
  await using client = new VoiceClient(brokerUrl, { timeoutMs: 5000 });
  for (let n = 0; n < 10; n++) await client.voiceFor({ businessId: 42, callId: `CA-${n}` });
  assert.deepEqual(client.counts, { answered: 10, defaulted: 0, late: 0 });
});

test('calls share one connection and each gets its own answer', async () => {
  const answer = (call: Record<string, unknown>): Answer =>
    ['CallVoice', { voiceId: `v${call.businessId}`, source: 'business', reason: 'businessVoice' }];
  await using _ = await FakeWorker.started({ answer });
  await using client = new VoiceClient(brokerUrl, { timeoutMs: 10_000 });
  const numbers = Array.from({ length: 3000 }, (_, i) => i + 1);
  const voices = await Promise.all(numbers.map((n) => client.voiceFor({ businessId: n, callId: `CA-${n}` })));
  assert.deepEqual(voices.map(({ voiceId }) => voiceId), numbers.map((n) => `v${n}`));
  assert.deepEqual(client.counts, { answered: 3000, defaulted: 0, late: 0 });
});

test('a lost connection costs no answer that can still come', async () => {
  const way = await Way.opened();
  await using _ = await FakeWorker.started({ delayMs: 50 });
  await using client = new VoiceClient(way.url, { timeoutMs: 10_000 });
  await client.voiceFor({ businessId: 42, callId: 'CA-0' });
  const calls = Array.from({ length: 20 }, (_, n) => client.voiceFor({ businessId: 42, callId: `CA-${n}` }));
  way.cut();
  setTimeout(() => void way.open(), 300);
  const reasons = (await Promise.all(calls)).map(({ reason }) => reason);
  assert.deepEqual(reasons, Array(20).fill('businessVoice'));
  way.cut();
});

test('another node takes over from one that hangs', async () => {
  const ways = [await Way.opened(), await Way.opened()];
  await using _ = await FakeWorker.started();
  await using client = new VoiceClient(ways.map(({ url }) => url), { timeoutMs: 300 });
  await client.voiceFor({ businessId: 42, callId: 'CA-0', timeoutMs: 10_000 });
  for (const way of ways) if (way.isUsed) way.hold();
  await until(async () => (await within(300, client.voiceFor({ businessId: 42, callId: 'CA-1' }))).isAnswer);
  for (const way of ways) way.cut();
});

test('a call gets the default while no queue and while no exchange is there', async () => {
  await onChannel((channel) => channel.deleteExchange('call-started'));
  const logger = new RecordedLog();
  await using client = new VoiceClient(brokerUrl, { timeoutMs: 300, logger });
  assert.equal((await client.voiceFor({ businessId: 42, callId: 'CA-1' })).reason, 'timeout');
  assert.match(logger.of('warn').join(), /no exchange 'call-started'/);
  await onChannel((channel) => channel.assertExchange('call-started', 'fanout', { durable: true }));
  await until(async () => {
    await client.voiceFor({ businessId: 42, callId: 'CA-2' });
    return logger.of('warn').some((line) => line.includes('No queue takes messages of call-started'));
  });
  await using _ = await FakeWorker.started();
  await until(async () => (await client.voiceFor({ businessId: 42, callId: 'CA-3' })).isAnswer);
});

test('a closed client gives the default at once and opens again', async () => {
  await using _ = await FakeWorker.started({ delayMs: 200 });
  await using client = new VoiceClient(brokerUrl, { timeoutMs: 5000 });
  for (let n = 0; n < 3; n++) {
    assert.ok((await client.voiceFor({ businessId: 42, callId: `CA-${n}` })).isAnswer);
    const waiting = client.voiceFor({ businessId: 42, callId: `CB-${n}` });
    await client.close();
    assert.equal((await within(0, waiting)).reason, 'timeout');
  }
});

test('a program ends after it has closed its client, whatever RabbitMQ does', async () => {
  const way = await Way.opened();
  way.hold();
  const [deaf, server] = await deafNode();
  for (const url of [brokerUrl, await nowhere(), deaf, way.url]) {
    const program = `import { VoiceClient } from 'voice-worker-client';
      const client = new VoiceClient(${JSON.stringify(url)});
      await client.voiceFor({ businessId: 1, callId: 'CA-1' });
      await client.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    const [code] = (await within(4000, once(child, 'exit'))) as [number];
    assert.equal(code, 0);
  }
  way.cut();
  server.close();
});
