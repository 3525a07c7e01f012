/** The way to RabbitMQ: the only connection of a client, which is opened again when it is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { textOf } from './log.js';
import type { Logger } from './logger.js';
import { next, type Node } from './nodes.js';
import type { Reply, Request } from './request.js';
import { Session, type SessionOwner } from './session.js';
import type { TlsOptions } from './tls.js';
import { Troubles } from './troubles.js';
import { Waiting } from './waiting.js';

/** Milliseconds between two rounds through all nodes: doubled each time, with a random part. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2000;
/** A connection that was of use for so long is opened again without a pause. */
const STEADY = 1000;

/** Carries requests. Callers never wait for a connection, only for an answer. */
export class Link implements SessionOwner {
  readonly #nodes: Node[];
  readonly #tls: TlsOptions | undefined;
  readonly #onLate: () => void;
  readonly #log: Logger;
  readonly #troubles: Troubles;
  readonly #waiting = new Waiting();
  readonly #closing = new AbortController();
  #session: Session | undefined;
  readonly #ended: Promise<void>;

  constructor(nodes: Node[], tls: TlsOptions | undefined, log: Logger, onLate: () => void) {
    this.#nodes = nodes;
    this.#tls = tls;
    this.#log = log;
    this.#onLate = onLate;
    this.#troubles = new Troubles(log);
    this.#ended = this.#run();
  }

  /** Why a request was not confirmed, as far as it is known; for people, without secrets. */
  get trouble(): string {
    return this.#session?.isReady ? 'no answer in time' : this.#troubles.latest;
  }

  /** Sends it now, or as soon as there is a connection while its caller waits; returns when it is settled. */
  async carry(request: Request): Promise<void> {
    this.#waiting.add(request);
    this.#session?.post(request);
    await request.settled;
    this.#waiting.forget(request);
  }

  /** Ends the connection. Whoever waits gets what is known by now. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const request of this.#waiting.all()) request.settle();
    this.#session?.close();
    await this.#ended;
  }

  async #run(): Promise<void> {
    let pause = 0;
    while (!this.#closing.signal.aborted) {
      const isSteady = await this.#tryNodes();
      pause = isSteady ? 0 : Math.min(LONGEST_PAUSE, pause * 2 || FIRST_PAUSE) * (0.8 + 0.2 * Math.random());
      await sleep(pause, undefined, { ref: false, signal: this.#closing.signal }).catch(() => undefined);
    }
  }

  /** Each once, until one has been of use; the next round begins behind it. */
  async #tryNodes(): Promise<boolean> {
    for (let tried = 0; tried < this.#nodes.length && !this.#closing.signal.aborted; tried++) {
      if (await this.#connect(next(this.#nodes))) return true;
    }
    return false;
  }

  async #connect(node: Node): Promise<boolean> {
    const session = new Session(this, this.#log);
    this.#session = session;
    let failure: string | undefined;
    try {
      failure = await session.run(node, this.#tls);
    } catch (error) {
      this.#log.error(`The connection to ${node.name} broke down: ${textOf(error)}`);
      failure = textOf(error);
    }
    this.#session = undefined;
    if (failure !== undefined) this.#troubles.tell(`${node.name}: ${failure}`);
    return session.readyAt !== undefined && performance.now() - session.readyAt > STEADY;
  }

  onReady(session: Session): void {
    this.#troubles.end();
    this.onDrained(session);
  }

  onDrained(session: Session): void {
    for (const request of this.#waiting.all()) {
      if (!session.isReady) return;
      session.post(request);
    }
  }

  onBlocked(reason: string): void {
    this.#troubles.tell(reason);
  }

  onReply(correlationId: unknown, reply: Reply): void {
    const request = this.find(correlationId);
    if (request) request.answer(reply);
    else if (this.#waiting.isLate(correlationId)) this.#onLate();
  }

  find(correlationId: unknown): Request | undefined {
    return this.#waiting.find(correlationId);
  }
}
