/** Events have their effect once, through failures, repeats and lost connections. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  AuditConsumer, FileLedger, type AuditBody, type Gap, type Ledger, type LedgerTransaction, type Received,
} from 'voice-worker-client';
import { onChannel, until, Way } from './broker.js';
import { chained, event } from './events.js';
import { RecordedLog } from './recorded-log.js';

/** Stands for a database that is shared with the handler: a transaction writes effects and notes, or neither. */
class SharedLedger implements Ledger<number[]> {
  readonly effects: number[] = [];
  readonly #file: FileLedger;

  constructor(file: FileLedger) {
    this.#file = file;
  }

  async transaction<Result>(work: (transaction: LedgerTransaction<number[]>) => Promise<Result>): Promise<Result> {
    const connection: number[] = [];
    const result = await this.#file.transaction((inFile) => work({
      connection,
      progress: (stream) => inFile.progress(stream),
      setProgress: (stream, progress) => inFile.setProgress(stream, progress),
      addGap: (gap) => inFile.addGap(gap),
      removeGap: (stream, sequence) => inFile.removeGap(stream, sequence),
    }));
    this.effects.push(...connection);
    return result;
  }

  gaps(): Promise<Gap[]> {
    return this.#file.gaps();
  }
}

/** A consumer at work, until it is disposed of. */
class Running implements AsyncDisposable {
  readonly queue = `audit-${randomUUID().slice(0, 8)}`;
  readonly logger = new RecordedLog();
  readonly #stop = new AbortController();
  #run: Promise<void> | undefined;

  readonly file: FileLedger;
  readonly ledger: SharedLedger;

  private constructor(readonly way: Way, readonly folder: string) {
    this.file = new FileLedger(join(folder, 'ledger'));
    this.ledger = new SharedLedger(this.file);
  }

  static async begun(handler: (received: Received, effects: number[]) => void | Promise<void>): Promise<Running> {
    const running = new Running(await Way.opened(), await mkdtemp(join(tmpdir(), 'audit-')));
    const { way, ledger, queue, logger } = running;
    const consumer = new AuditConsumer(way.url, handler, ledger, { queue, logger, batch: 10, pauseMs: 50 });
    running.#run = consumer.run(running.#stop.signal);
    await until(() => logger.of('info').length > 0);
    return running;
  }

  get isConsuming(): Promise<boolean> {
    return onChannel(async (channel) => (await channel.checkQueue(this.queue)).consumerCount === 1);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.way.cut();
    await this.file.close();
    await rm(this.folder, { recursive: true });
    await onChannel((channel) => channel.deleteQueue(this.queue));
  }
}

function publish(bodies: readonly AuditBody[], options: object = {}): Promise<void> {
  return onChannel(async (channel) => {
    for (const body of bodies) {
      channel.publish('voice-audit', '', Buffer.from(JSON.stringify(body)), { type: 'OperatorActed', ...options });
    }
    await channel.waitForConfirms();
  });
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

test('each event has its effect once through failures and repeats', async () => {
  const failsAt = [7, 30];
  await using running = await Running.begun(async ({ body }, effects) => {
    effects.push(body.sequence);
    await Promise.resolve();
    if (body.sequence !== failsAt[0]) return;
    failsAt.shift();
    throw new Error('not this time');
  });
  await publish([...chained(50), ...chained(50)]);
  await until(() => running.ledger.effects.length >= 50);
  await running.stop();
  assert.deepEqual([running.ledger.effects, await running.ledger.gaps()], [upTo(50), []]);
  assert.equal(running.logger.of('error').length, 2);
});

test('each event has its effect once while connections are lost', async () => {
  await using running = await Running.begun(async ({ body }, effects) => {
    effects.push(body.sequence);
    if (body.sequence % 20 === 0) {
      running.way.cut();
      await running.way.open();
    }
  });
  await publish(chained(100));
  await until(() => running.ledger.effects.length >= 100);
  await running.stop();
  assert.deepEqual([running.ledger.effects, await running.ledger.gaps()], [upTo(100), []]);
});

test('a replay is told and fills the gap', async () => {
  const got: [number, boolean, string | undefined][] = [];
  await using running = await Running.begun((received) => {
    got.push([received.body.sequence, received.isReplay, received.type === 'OperatorActed' ? received.event.verb : '']);
  });
  const [first, second, third] = chained(3) as [AuditBody, AuditBody, AuditBody];
  await publish([first, third]);
  await until(() => got.length === 2);
  assert.deepEqual(await running.ledger.gaps(), [{ stream: 'business-1', first: 2, last: 2 }]);
  await publish([second], { headers: { 'x-replay': true } });
  await until(() => got.length === 3);
  assert.deepEqual(got, [[1, false, 'voice set'], [3, false, 'voice set'], [2, true, 'voice set']]);
  await until(async () => (await running.ledger.gaps()).length === 0);
});

test('a queue that is deleted is declared again', async () => {
  const got: number[] = [];
  await using running = await Running.begun(({ body }) => void got.push(body.sequence));
  await onChannel((channel) => channel.deleteQueue(running.queue));
  await until(() => running.logger.of('info').length > 1);
  assert.ok(await running.isConsuming);
  await publish([event(1)]);
  await until(() => got.length === 1);
});
