/** What goes through one connection, from its opening to its end: requests with confirms, and their replies. */
import type { ChannelModel, ConfirmChannel, ConsumeMessage, Message } from 'amqplib';
import { Connection } from './connection.js';
import { textOf } from './log.js';
import type { Logger } from './logger.js';
import type { Node } from './nodes.js';
import type { Reply, Request } from './request.js';
import type { TlsOptions } from './tls.js';

const REPLIES = 'amq.rabbitmq.reply-to';

/** Seconds. A node that confirms nothing for so long is left for another one. */
const STALL = 3;

/** Who has the session. */
export interface SessionOwner {
  /** Requests can be posted, at first and after a block. */
  onReady(session: Session): void;
  /** The socket takes more again. */
  onDrained(session: Session): void;
  /** RabbitMQ takes no messages for now. */
  onBlocked(reason: string): void;
  onReply(correlationId: unknown, reply: Reply): void;
  find(correlationId: unknown): Request | undefined;
}

interface Confirm {
  readonly deliveryTag: number;
  readonly multiple: boolean;
}

export class Session {
  /** When it became ready by `performance.now()`. */
  readyAt: number | undefined;
  readonly #connection = new Connection();
  readonly #owner: SessionOwner;
  readonly #log: Logger;
  #channel: ConfirmChannel | undefined;
  #published = 0;
  readonly #unconfirmed = new Map<number, Request>();
  #isBlocked = false;
  #isFull = false;
  #quietSeconds = 0;
  readonly #unroutable = new Set<string>();

  constructor(owner: SessionOwner, log: Logger) {
    this.#owner = owner;
    this.#log = log;
  }

  /** Connects, and returns when the connection has ended: why, or undefined when it was closed. */
  async run(node: Node, tls: TlsOptions | undefined): Promise<string | undefined> {
    void this.#connection.open(node, tls, (model) => this.#setUp(model));
    const watch = setInterval(() => this.#checkProgress(), 1000).unref();
    try {
      return await this.#connection.ended;
    } finally {
      clearInterval(watch);
    }
  }

  close(): void {
    this.#connection.leave();
  }

  /** Publishes it, if that is possible now; otherwise it is posted again once it is. */
  post(request: Request): void {
    const channel = this.#channel;
    if (!channel || !this.isReady || request.isSettled || request.carrier === this) return;
    request.carrier = this;
    request.refusal = undefined;
    if (this.#unconfirmed.size === 0) this.#quietSeconds = 0;
    try {
      this.#isFull = !this.#publish(channel, request);
    } catch (error) {
      // The next session sends it.
      this.#connection.leave(textOf(error));
      return;
    }
    this.#unconfirmed.set(++this.#published, request);
  }

  get isReady(): boolean {
    return this.readyAt !== undefined && !this.#connection.isEnding && !this.#isBlocked && !this.#isFull;
  }

  // Opening

  async #setUp(model: ChannelModel): Promise<void> {
    model.on('blocked', (reason: string) => this.#block(reason));
    model.on('unblocked', () => this.#unblock());
    const channel = await model.createConfirmChannel();
    channel.on('error', (error: Error) => this.#connection.leave(textOf(error)));
    channel.on('return', (message: Message) => this.#refuseReturned(message));
    channel.on('ack', (fields: Confirm) => this.#settleConfirmed(fields, (request) => request.confirm()));
    channel.on('nack', (fields: Confirm) =>
      this.#settleConfirmed(fields, (request) => request.refuse('RabbitMQ has refused it (nack)')));
    channel.on('drain', () => this.#drain());
    await channel.consume(REPLIES, (message) => this.#receive(message), { noAck: true });
    this.#channel = channel;
    this.readyAt = performance.now();
    if (this.isReady) this.#owner.onReady(this);
  }

  // Publishing

  #publish(channel: ConfirmChannel, request: Request): boolean {
    const { expires, needsReply } = request.options;
    return channel.publish(request.exchange, '', request.body, {
      contentType: 'application/json',
      persistent: true,
      mandatory: true,
      correlationId: request.correlationId,
      ...(needsReply && { replyTo: REPLIES }),
      ...(expires && { expiration: Math.max(1, Math.floor(request.remaining)) }),
    });
  }

  #settleConfirmed({ deliveryTag, multiple }: Confirm, settle: (request: Request) => void): void {
    this.#quietSeconds = 0;
    for (const tag of multiple ? this.#unconfirmed.keys() : [deliveryTag]) {
      // They are in the order of their tags.
      if (tag > deliveryTag) break;
      const request = this.#unconfirmed.get(tag);
      this.#unconfirmed.delete(tag);
      // One that a later session has sent again is that one's.
      if (request?.carrier === this) settle(request);
    }
  }

  // The return comes before the confirm of the same message.
  #refuseReturned({ fields, properties }: Message): void {
    const request = this.#owner.find(properties.correlationId);
    if (request?.carrier !== this) return;
    if (!this.#unroutable.has(request.exchange)) {
      this.#unroutable.add(request.exchange);
      this.#log.warn(`No queue takes messages of ${request.exchange}: no worker has been started there`);
    }
    const reason = (fields as { replyText?: string }).replyText ?? 'NO_ROUTE';
    request.refuse(`no queue takes messages of ${request.exchange} (${reason})`);
  }

  #receive(message: ConsumeMessage | null): void {
    if (!message) return;
    this.#quietSeconds = 0;
    const { correlationId, type } = message.properties;
    this.#owner.onReply(correlationId, { type, content: message.content });
  }

  // Counted, not measured: where the program itself stood still, what has come since is read first.
  #checkProgress(): void {
    if (this.#unconfirmed.size === 0 || this.#isBlocked) this.#quietSeconds = 0;
    else if (++this.#quietSeconds > STALL) this.#connection.fail(`it has confirmed nothing for ${STALL} s`);
  }

  #block(reason: string): void {
    this.#isBlocked = true;
    this.#owner.onBlocked(`RabbitMQ takes no messages (${reason})`);
  }

  #unblock(): void {
    this.#isBlocked = false;
    this.#quietSeconds = 0;
    if (this.isReady) this.#owner.onReady(this);
  }

  #drain(): void {
    this.#isFull = false;
    if (this.isReady) this.#owner.onDrained(this);
  }
}
