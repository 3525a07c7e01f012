/** Consumes audit events: commits, then acknowledges, so that it may be killed at any time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelModel, ConsumeMessage } from 'amqplib';
import { Connection } from '../connection.js';
import { safely, textOf } from '../log.js';
import type { Logger } from '../logger.js';
import { next, nodesOf, type Node } from '../nodes.js';
import type { TlsOptions } from '../tls.js';
import { Deliveries } from './deliveries.js';
import type { Ledger, LedgerTransaction } from './ledger.js';
import type { Received } from './received.js';
import { take } from './sequences.js';

const EXCHANGE = 'voice-audit';
/** Milliseconds. RabbitMQ is tried more often than an event that cannot be handled. */
const LONGEST_PAUSE = { connection: 5000, event: 30_000 };

// Nothing is dropped, however often the process is killed, and where a policy limits the queue the worker waits. One
// consumer at a time: in order, also while RabbitMQ has not noticed that the connection before this one is dead.
const ARGUMENTS = {
  'x-queue-type': 'quorum',
  'x-delivery-limit': 2 ** 31 - 1,
  'x-overflow': 'reject-publish',
  'x-single-active-consumer': true,
};

/** Gets each event once, with the connection of the ledger's transaction. */
export type AuditHandler<Connection = undefined> = (received: Received, connection: Connection) => void | Promise<void>;

export interface AuditConsumerOptions {
  /** The consumer's own, durable. */
  readonly queue: string;
  /** Whether to declare the queue and bind it to all audit events; false where somebody else does it. */
  readonly declare?: boolean | undefined;
  /** How many events one transaction takes at most; 100 when it is not given. */
  readonly batch?: number | undefined;
  /** Milliseconds after a failure, doubled while it fails again; 1000 when it is not given. */
  readonly pauseMs?: number | undefined;
  /** Where to log to, such as `console`; nowhere when it is not given. */
  readonly logger?: Logger | undefined;
  /** For amqps: what a URI cannot say. */
  readonly tls?: TlsOptions | undefined;
}

/** Has a handler do something with every audit event, each once, and keeps what is missing. */
export class AuditConsumer<Database = undefined> {
  readonly #nodes: Node[];
  readonly #handler: AuditHandler<Database>;
  readonly #ledger: Ledger<Database>;
  readonly #options: AuditConsumerOptions;
  readonly #log: Logger;
  #pause: number;

  /**
   * @param urls where RabbitMQ is: an AMQP URI, or one for each node of a cluster.
   * @param handler called with each new event and the connection of the ledger's transaction. When it throws, all of
   *   its transaction is rolled back and the events come again: an event is never left out.
   * @param ledger which events have been handled; one for each queue.
   */
  constructor(
    urls: string | readonly string[], handler: AuditHandler<Database>, ledger: Ledger<Database>,
    options: AuditConsumerOptions,
  ) {
    this.#nodes = nodesOf(urls);
    this.#handler = handler;
    this.#ledger = ledger;
    this.#options = options;
    this.#log = safely(options.logger);
    this.#pause = this.#firstPause;
  }

  get #firstPause(): number {
    return this.#options.pauseMs ?? 1000;
  }

  /** Consumes until it is aborted, and resolves then; what fails is logged and tried again. */
  async run(signal?: AbortSignal): Promise<void> {
    while (!signal?.aborted) {
      const trouble = await this.#consume(next(this.#nodes), signal);
      await sleep(this.#pause, undefined, signal && { signal }).catch(() => undefined);
      this.#pause = Math.min(LONGEST_PAUSE[trouble], this.#pause * 2);
    }
  }

  /** One connection, from its opening to its end; returns what the trouble was. */
  async #consume(node: Node, signal: AbortSignal | undefined): Promise<keyof typeof LONGEST_PAUSE> {
    const connection = new Connection();
    const deliveries = new Deliveries();
    const stop = () => deliveries.end();
    signal?.addEventListener('abort', stop, { once: true });
    void connection.ended.then(stop);
    void connection.open(node, this.#options.tls, (model) => this.#setUp(model, connection, deliveries));
    let trouble: keyof typeof LONGEST_PAUSE = 'connection';
    try {
      await this.#handleAll(deliveries);
    } catch (error) {
      this.#log.error(`An event could not be handled, it comes again: ${textOf(error)}`);
      trouble = 'event';
    }
    connection.leave();
    const failure = await connection.ended;
    if (failure !== undefined) this.#log.warn(`RabbitMQ is not connected: ${node.name}: ${failure}`);
    signal?.removeEventListener('abort', stop);
    return trouble;
  }

  async #setUp(model: ChannelModel, connection: Connection, deliveries: Deliveries): Promise<void> {
    const { queue, declare = true } = this.#options;
    const channel = await model.createChannel();
    channel.on('error', (error: Error) => connection.leave(textOf(error)));
    if (declare) {
      await channel.assertExchange(EXCHANGE, 'fanout', { durable: true });
      await channel.assertQueue(queue, { durable: true, arguments: ARGUMENTS });
      await channel.bindQueue(queue, EXCHANGE, '');
    }
    await channel.prefetch(5 * this.#batch);
    await deliveries.consume(channel, queue, () => connection.leave(`the queue ${queue} has been deleted`));
    this.#log.info(`Consuming ${queue}`);
  }

  async #handleAll(deliveries: Deliveries): Promise<void> {
    for (;;) {
      const messages = await deliveries.next(this.#batch);
      const last = messages.at(-1);
      if (!last) return;
      await this.#ledger.transaction(async (transaction) => {
        for (const message of messages) await this.#handle(message, transaction);
      });
      deliveries.acknowledge(last);
      this.#pause = this.#firstPause;
    }
  }

  async #handle({ content, properties }: ConsumeMessage, transaction: LedgerTransaction<Database>): Promise<void> {
    const { type, headers } = properties as { type?: string; headers?: Record<string, unknown> };
    const delivery = { type, content, isReplay: headers?.['x-replay'] === true };
    const event = await take(transaction, delivery, this.#log);
    if (event) await this.#handler(event, transaction.connection);
  }

  get #batch(): number {
    return this.#options.batch ?? 100;
  }
}
