/** Why there is no connection: each reason is told once, until there is one again, for it is tried all the time. */
import type { Logger } from './logger.js';

/** How many are remembered at most. */
const MOST = 100;

export class Troubles {
  latest = 'not connected yet';
  readonly #told = new Set<string>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Logs it; without secrets. */
  tell(trouble: string): void {
    this.latest = trouble;
    if (this.#told.has(trouble)) return;
    if (this.#told.size >= MOST) this.#told.clear();
    this.#told.add(trouble);
    this.#log.warn(`RabbitMQ is not connected: ${trouble}`);
  }

  /** There is a connection. */
  end(): void {
    this.#told.clear();
    this.#log.info('RabbitMQ is connected');
  }
}
