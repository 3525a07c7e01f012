/** A message that somebody waits for: for its confirm, for its reply or for both. */
import { randomUUID } from 'node:crypto';

/** What has come back. */
export interface Reply {
  /** Its AMQP type. */
  readonly type: string | undefined;
  readonly content: Buffer;
}

export interface RequestOptions {
  /** How long its caller waits. */
  readonly timeoutMs: number;
  /** Whether the message says so, so that nobody answers it afterwards. */
  readonly expires: boolean;
  /** Whether a confirm is not enough. */
  readonly needsReply: boolean;
}

/** One message on its way. What becomes of it is set by whoever has the connection and read by the caller. */
export class Request {
  readonly correlationId = randomUUID();
  readonly body: Buffer;
  /** Settles when there is nothing more to wait for, or when the caller's time is over. */
  readonly settled: Promise<void>;
  isSettled = false;
  /** Whether a queue of RabbitMQ has it. */
  isConfirmed = false;
  /** Why RabbitMQ did not take it, when it was last sent. */
  refusal: string | undefined;
  reply: Reply | undefined;
  /** The session by which it was last sent. */
  carrier: object | undefined;
  #settle!: () => void;
  readonly #deadline: number;
  readonly #timer: NodeJS.Timeout;

  constructor(readonly exchange: string, message: object, readonly options: RequestOptions) {
    this.body = Buffer.from(JSON.stringify(message));
    this.settled = new Promise((resolve) => (this.#settle = resolve));
    this.#deadline = performance.now() + options.timeoutMs;
    // Behind what the socket has: where the program was busy for longer, the answer may be there.
    this.#timer = setTimeout(() => setImmediate(() => this.settle()), options.timeoutMs);
  }

  /** Milliseconds until the caller stops waiting; 0 afterwards. */
  get remaining(): number {
    return Math.max(0, this.#deadline - performance.now());
  }

  /** There is nothing more to wait for. */
  settle(): void {
    this.isSettled = true;
    clearTimeout(this.#timer);
    this.#settle();
  }

  /** RabbitMQ has it, unless it came back. */
  confirm(): void {
    if (this.refusal !== undefined) return;
    this.isConfirmed = true;
    if (!this.options.needsReply) this.settle();
  }

  /** RabbitMQ does not take it. Whoever waits for an answer waits on: a repeat may still bring one. */
  refuse(reason: string): void {
    this.refusal = reason;
    if (!this.options.expires) this.settle();
  }

  /** The reply is here; of several the first. */
  answer(reply: Reply): void {
    this.reply ??= reply;
    this.settle();
  }
}
