/** One connection to one node, which can be left whether the node answers or not. */
import { connect, type ChannelModel } from 'amqplib';
import { textOf } from './log.js';
import type { Node } from './nodes.js';
import type { TlsOptions } from './tls.js';

/** Milliseconds without a byte, until a node that is to let us in is given up. */
const SILENCE = 3000;
/** For connecting and whatever else the opening takes, together. */
const OPENING = 6000;
/** For the end of a connection whose node does not answer. */
const CLOSING = 1000;

/** Opened once, and ended once. */
export class Connection {
  /** Settles when the connection has ended: why, for people, or undefined when it was closed. Never rejects. */
  readonly ended: Promise<string | undefined>;
  #end!: (failure?: string) => void;
  #isOver = false;
  #isLeaving = false;
  #failure: string | undefined;
  #model: ChannelModel | undefined;
  readonly #socket = new AbortController();
  readonly #opening: NodeJS.Timeout;

  constructor() {
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#opening = setTimeout(() => this.fail(`it has not let us in for ${OPENING / 1000} s`), OPENING);
  }

  /** Whether it is of no more use. */
  get isEnding(): boolean {
    return this.#isOver || this.#isLeaving;
  }

  /** Connects and has it set up; what fails there ends the connection and is told by `ended`. */
  async open(node: Node, tls: TlsOptions | undefined, setUp: (model: ChannelModel) => Promise<void>): Promise<void> {
    try {
      const options = { ...tls, noDelay: true, keepAlive: true, timeout: SILENCE, signal: this.#socket.signal };
      const model = await connect(node.url, options);
      this.#model = model;
      model.on('error', (error: Error) => this.#tell(textOf(error)));
      model.on('close', (error?: Error) => this.#finish(error && textOf(error)));
      if (!this.isEnding) await setUp(model);
    } catch (error) {
      this.fail(textOf(error));
    } finally {
      clearTimeout(this.#opening);
    }
  }

  /** Leaves at once, without a word to the node. */
  fail(failure: string): void {
    this.#finish(failure);
    this.#socket.abort();
  }

  /** Leaves with a word to the node, and without one where none is connected. */
  leave(failure?: string): void {
    if (this.isEnding) return;
    this.#tell(failure);
    this.#isLeaving = true;
    if (!this.#model) {
      this.#finish();
      this.#socket.abort();
      return;
    }
    setTimeout(() => this.#finish(), CLOSING).unref();
    this.#model.close().catch(() => this.#finish());
  }

  // The first reason is the cause of those that follow.
  #tell(failure: string | undefined): void {
    if (!this.#isLeaving) this.#failure ??= failure;
  }

  #finish(failure?: string): void {
    if (this.#isOver) return;
    this.#tell(failure);
    this.#isOver = true;
    clearTimeout(this.#opening);
    // The node closes the socket; one that does not would keep the program alive.
    setTimeout(() => this.#socket.abort(), CLOSING).unref();
    this.#end(this.#failure);
  }
}
