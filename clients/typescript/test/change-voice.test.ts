/** A change of voice is lost silently in no case, and its caller hears what became of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContractError, NotConfirmedError, VoiceClient, type BusinessVoiceChanged } from 'voice-worker-client';
import { brokerUrl, nowhere, onChannel, until, Way } from './broker.js';
import { FakeWorker, type Answer } from './fake-worker.js';

const exchange = 'business-voice-changed';
const at = '2026-01-31T10:30:00.123456+01:00';

function result(outcome: string, fields: object = {}) {
  return (change: Record<string, unknown>): Answer =>
    ['VoiceChangeResult', { ...change, voiceId: String(change.voiceId).toLowerCase(), outcome, ...fields }];
}

function change(): BusinessVoiceChanged {
  return { businessId: 42, voiceId: 'sage', changedAt: new Date().toISOString() };
}

async function caught(promise: Promise<unknown>): Promise<NotConfirmedError> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  assert.ok(error instanceof NotConfirmedError, String(error));
  return error;
}

test('a change that nobody has taken is an error that says why', async () => {
  await using client = new VoiceClient(await nowhere());
  const error = await caught(client.changeVoice({ businessId: 42, voiceId: 'sage', timeoutMs: 300, changedAt: at }));
  assert.match(error.message, /ECONNREFUSED/);
  assert.ok(!error.message.includes('s3cr3t'));
  assert.equal(error.changedAt, at);
});

test('a broken argument is an error before anything is sent', async () => {
  await using client = new VoiceClient('amqp://127.0.0.1:1');
  const breaking = { businessId: 42, voiceId: 'x'.repeat(33), changedBy: 'y'.repeat(129) };
  await assert.rejects(client.changeVoice(breaking), (error) => {
    return error instanceof ContractError && error.broken.map(({ field }) => field).join() === 'voiceId,changedBy';
  });
});

test('each result of the worker has its outcome', async () => {
  for (const [answer, outcome, reason, standingVoiceId] of [
    [result('updated', { standingVoiceId: 'sage' }), 'updated', null, 'sage'],
    [result('rejected', { reason: 'superseded', standingVoiceId: 'coral' }), 'superseded', 'superseded', 'coral'],
    [result('rejected', { reason: 'unknownBusiness', standingVoiceId: null }), 'refused', 'unknownBusiness', null],
  ] as const) {
    await using _ = await FakeWorker.started({ exchange, answer });
    await using client = new VoiceClient(brokerUrl);
    const told = await client.changeVoice({ businessId: 42, voiceId: 'Sage', changedAt: at });
    assert.deepEqual(told, { outcome, reason, standingVoiceId, businessId: 42, voiceId: 'sage', changedAt: at });
  }
});

test('it is sent as its contract says and does not expire', async () => {
  await using worker = await FakeWorker.started({ exchange, answer: result('updated') });
  await using client = new VoiceClient(brokerUrl);
  await client.changeVoice({ businessId: 42, voiceId: 'Sage', changedBy: 'anna', changedAt: new Date(at) });
  const [{ message, properties }] = worker.heard as [FakeWorker['heard'][0]];
  const expected = { businessId: 42, voiceId: 'Sage', changedAt: '2026-01-31T09:30:00.123Z', changedBy: 'anna' };
  assert.deepEqual(message, expected);
  assert.deepEqual([properties.expiration, properties.deliveryMode], [undefined, 2]);
});

test('of two changes of one client the later one has the later instant', async () => {
  await using worker = await FakeWorker.started({ exchange, answer: result('updated') });
  await using client = new VoiceClient(brokerUrl);
  const changes = Array.from({ length: 50 }, () => client.changeVoice({ businessId: 42, voiceId: 'sage' }));
  const instants = (await Promise.all(changes)).map(({ changedAt }) => changedAt);
  assert.deepEqual(instants, [...new Set(instants)].sort());
  assert.equal(worker.heard.length, 50);
});

test('what a queue has and nobody answers is queued', async () => {
  await using worker = await FakeWorker.started({ exchange, answer: () => undefined });
  await using client = new VoiceClient(brokerUrl);
  const { outcome, voiceId } = await client.changeVoice({ businessId: 42, voiceId: 'Sage', timeoutMs: 300 });
  assert.deepEqual([outcome, voiceId, worker.heard.length], ['queued', 'Sage', 1]);
});

test('a refusal is an error that names field and rule', async () => {
  const broken = [{ field: '', rule: '23514 voice_is_known' }];
  const refusal = { error: 'notRecorded', broken };
  await using _ = await FakeWorker.started({ exchange, answer: () => ['ChangeRefused', refusal] });
  await using client = new VoiceClient(brokerUrl);
  const expected = { name: 'ContractError', error: 'notRecorded', broken };
  await assert.rejects(client.changeVoice({ businessId: 42, voiceId: 'sage' }), expected);
});

test('what no queue takes is an error at once', async () => {
  await onChannel((channel) => channel.assertExchange(exchange, 'fanout', { durable: true }));
  const begin = performance.now();
  await using client = new VoiceClient(brokerUrl);
  assert.match((await caught(client.publish(change(), { timeoutMs: 20_000 }))).message, /NO_ROUTE/);
  assert.ok(performance.now() - begin < 10_000);
});

test('an exchange that does not exist is told and costs no later change', async () => {
  await onChannel((channel) => channel.deleteExchange(exchange));
  await using client = new VoiceClient(brokerUrl);
  const { message } = await caught(client.publish(change(), { timeoutMs: 1000 }));
  assert.match(message, /no exchange 'business-voice-changed'/);
  await using worker = await FakeWorker.started({ exchange, answer: () => undefined });
  await client.publish(change(), { timeoutMs: 10_000 });
  await worker.hears(1);
});

test('a connection that is lost before the answer costs nothing', async () => {
  const way = await Way.opened();
  const answer = result('updated', { standingVoiceId: 'sage' });
  await using worker = await FakeWorker.started({ exchange, answer, delayMs: 300 });
  await using client = new VoiceClient(way.url);
  await client.changeVoice({ businessId: 42, voiceId: 'sage', timeoutMs: 10_000 });
  const changing = client.changeVoice({ businessId: 42, voiceId: 'sage', timeoutMs: 10_000 });
  await worker.hears(2);
  way.cut();
  await way.open();
  assert.equal((await changing).outcome, 'updated');
  // Sent twice, with one identity.
  assert.equal(worker.heard.length, 3);
  assert.deepEqual(worker.heard[1]?.message, worker.heard[2]?.message);
  way.cut();
});

test('what waits when the client is closed is an error where it is not certain', async () => {
  const client = new VoiceClient(await nowhere());
  const changing = caught(client.changeVoice({ businessId: 42, voiceId: 'sage' }));
  await client.close();
  assert.match((await changing).message, /the client was closed/);
});

test('more than a socket takes at once is sent in the end', async () => {
  await using worker = await FakeWorker.started({ exchange, answer: () => undefined });
  await using client = new VoiceClient(brokerUrl);
  await Promise.all(Array.from({ length: 5000 }, () => client.publish(change(), { timeoutMs: 20_000 })));
  await until(() => worker.heard.length === 5000);
});
