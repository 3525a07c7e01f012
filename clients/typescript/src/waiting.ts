/** Who waits, and who does no more. */
import type { Request } from './request.js';

/** How many requests that nobody waits for any more are remembered, to count their late replies. */
const REMEMBERED = 10_000;

export class Waiting {
  readonly #requests = new Map<string, Request>();
  readonly #givenUp = new Set<string>();

  /** Somebody waits for it from now on. */
  add(request: Request): void {
    this.#requests.set(request.correlationId, request);
  }

  /** Nobody does any more. */
  forget(request: Request): void {
    this.#requests.delete(request.correlationId);
    if (!request.options.needsReply || request.reply || !request.carrier) return;
    this.#givenUp.add(request.correlationId);
    if (this.#givenUp.size > REMEMBERED) {
      for (const oldest of this.#givenUp) {
        this.#givenUp.delete(oldest);
        break;
      }
    }
  }

  /** In the order in which they came. */
  all(): Iterable<Request> {
    return this.#requests.values();
  }

  /** Which a reply is for. */
  find(correlationId: unknown): Request | undefined {
    return this.#requests.get(correlationId as string);
  }

  /** Whether a reply is for one that was given up. Once: a reply can arrive twice. */
  isLate(correlationId: unknown): boolean {
    return this.#givenUp.delete(correlationId as string);
  }
}
