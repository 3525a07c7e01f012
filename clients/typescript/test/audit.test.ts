/** Each event once, what is missing is known, and what was altered is told. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { take } from '#dist/audit/sequences.js';
import { FileLedger, hashOf, type Ledger, type Received } from 'voice-worker-client';
import { chained, event } from './events.js';
import { RecordedLog } from './recorded-log.js';

/** A ledger, and what its handler got of it. */
class Trail implements AsyncDisposable {
  readonly got: Received[] = [];
  readonly log = new RecordedLog();

  private constructor(readonly folder: string, readonly file: string, readonly ledger: FileLedger) {}

  static async begun(): Promise<Trail> {
    const folder = await mkdtemp(join(tmpdir(), 'audit-'));
    const file = join(folder, 'ledger');
    return new Trail(folder, file, new FileLedger(file));
  }

  async take(body: unknown, type = 'OperatorActed', ledger: Ledger = this.ledger): Promise<Received | undefined> {
    const delivery = { type, content: Buffer.from(JSON.stringify(body)), isReplay: false };
    const received = await ledger.transaction((transaction) => take(transaction, delivery, this.log));
    if (received) this.got.push(received);
    return received;
  }

  get sequences(): number[] {
    return this.got.map(({ body }) => body.sequence);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ledger.close();
    await rm(this.folder, { recursive: true });
  }
}

test('a repeat is dropped', async () => {
  await using trail = await Trail.begun();
  const events = chained(3);
  for (const body of [...events, ...events]) await trail.take(body);
  assert.deepEqual([trail.sequences, await trail.ledger.gaps()], [[1, 2, 3], []]);
});

test('a gap is known until it is filled', async () => {
  await using trail = await Trail.begun();
  const events = chained(9);
  await trail.take(events[0]);
  await trail.take(events[8]);
  assert.deepEqual(await trail.ledger.gaps(), [{ stream: 'business-1', first: 2, last: 8 }]);
  await trail.take(events[4]);
  const gaps = [{ stream: 'business-1', first: 2, last: 4 }, { stream: 'business-1', first: 6, last: 8 }];
  assert.deepEqual(await trail.ledger.gaps(), gaps);
  for (const body of events.toReversed()) await trail.take(body);
  assert.deepEqual(await trail.ledger.gaps(), []);
  assert.deepEqual(trail.sequences.sort(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.ok(trail.got.every(({ isAltered }) => !isAltered));
});

test('an altered event is told', async () => {
  await using trail = await Trail.begun();
  const [first, second, third] = chained(3);
  await trail.take(first);
  assert.equal((await trail.take({ ...second, note: 'not so' }))?.isAltered, true);
  assert.equal(trail.log.of('error').length, 1);
  assert.equal((await trail.take(third))?.isAltered, false);
});

test('there is nothing to compare behind a gap or at a lost history', async () => {
  await using trail = await Trail.begun();
  const events = chained(5);
  assert.equal((await trail.take(events[2]))?.isAltered, false);
  const lost = await trail.take({ ...events[3], lost: [], isComplete: true }, 'HistoryLost');
  assert.deepEqual([lost?.isAltered, lost?.type], [false, 'HistoryLost']);
  assert.equal((await trail.take({ ...event(1, null, 'business-2'), hash: undefined }))?.isAltered, false);
  assert.equal((await trail.take(event(2, null, 'business-2')))?.isAltered, false);
});

test('the hash is that of the other clients', () => {
  const body = {
    eventId: 'e', stream: 's', sequence: 7, occurredAt: '2026-01-31T09:30:00.000000Z',
    zz: '"\\/\u0001\u001f\u007f\b\t\n\f\r😀é\u2028', aaa: [1, -2, true, null, { b: 1, aa: 2, é: 3, zz: 4 }],
    big: 9007199254740991, '10': 1, '9': 2, filter: {}, list: [],
  };
  const expected = '10bbedf3f311c251d591826db2b73889c5826883b906c7df8e50f3690b0d88ef';
  assert.equal(hashOf('OperatorActed', body, 'ab'.repeat(32)), expected);
});

test('a type that is not known yet counts as any other', async () => {
  await using trail = await Trail.begun();
  const received = await trail.take({ stream: 'business-1', sequence: 1, isNew: true }, 'InventedLater');
  assert.deepEqual([received?.type, received?.event, received?.body.isNew], [undefined, undefined, true]);
  assert.equal(received?.amqpType, 'InventedLater');
  assert.equal((await trail.take({ stream: 'business-1', sequence: 2 }, 'constructor'))?.type, undefined);
});

test('what is no event is an error', async () => {
  await using trail = await Trail.begun();
  for (const body of [{}, [], null, 7, { stream: 's' }, { stream: 's', sequence: '1' }]) {
    await assert.rejects(trail.take(body), TypeError);
  }
});

test('a transaction that fails leaves nothing', async () => {
  await using trail = await Trail.begun();
  const [first, second] = chained(2);
  const delivery = { type: 'OperatorActed', content: Buffer.from(JSON.stringify(second)), isReplay: false };
  const failing = trail.ledger.transaction(async (transaction) => {
    await take(transaction, delivery, trail.log);
    throw new Error('not this time');
  });
  await assert.rejects(failing, /not this time/);
  assert.deepEqual(await trail.ledger.gaps(), []);
  await trail.take(first);
  assert.deepEqual(trail.sequences, [1]);
});

test('a ledger is what it was after the program has been killed', async () => {
  await using trail = await Trail.begun();
  const events = chained(4);
  await trail.take(events[0]);
  await trail.take(events[2]);
  const whole = await readFile(trail.file);
  await trail.take(events[3]);
  const written = await readFile(trail.file);
  // Killed at any byte of the last write.
  for (let length = whole.length; length < written.length; length++) {
    await writeFile(trail.file, written.subarray(0, length));
    const after = new FileLedger(trail.file);
    assert.deepEqual(await after.gaps(), [{ stream: 'business-1', first: 2, last: 2 }]);
    assert.equal((await trail.take(events[2], undefined, after)), undefined);
    assert.equal((await trail.take(events[3], undefined, after))?.isAltered, false);
    await after.close();
    assert.deepEqual(await readFile(trail.file), written);
  }
});

test('a ledger begins again where its first write was cut off', async () => {
  await using trail = await Trail.begun();
  const [first] = chained(1);
  await trail.take(first);
  const written = await readFile(trail.file);
  for (let length = 0; length < written.length; length++) {
    await writeFile(trail.file, written.subarray(0, length));
    const after = new FileLedger(trail.file);
    assert.equal((await trail.take(first, undefined, after))?.body.sequence, 1);
    await after.close();
    assert.deepEqual(await readFile(trail.file), written);
  }
});

test('no other file is taken for a ledger and a damaged one is told', async () => {
  await using trail = await Trail.begun();
  await writeFile(trail.file, 'SQLite format 3\n');
  await assert.rejects(trail.take(event(1)), /is no ledger/);
  await assert.rejects(trail.ledger.gaps(), /is no ledger/);
  await rm(trail.file);
  await trail.take(event(1));
  await appendFile(trail.file, 'not so\n');
  await assert.rejects(new FileLedger(trail.file).gaps(), /is damaged in line 3/);
});

test('a ledger does not grow with its history', async () => {
  await using trail = await Trail.begun();
  const [stream, hash] = [randomUUID(), 'ab'.repeat(32)];
  for (let n = 0; n < 30; n++) {
    await trail.ledger.transaction(async (transaction) => {
      for (let i = 1; i <= 1000; i++) await transaction.setProgress(stream, { last: n * 1000 + i, hash });
    });
  }
  assert.ok((await stat(trail.file)).size < 10_000 * 130);
  const ledger = new FileLedger(trail.file);
  const progress = await ledger.transaction((transaction) => transaction.progress(stream));
  assert.deepEqual(progress, { last: 30_000, hash });
  await ledger.close();
});
