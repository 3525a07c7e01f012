/** What RabbitMQ has delivered and nobody has handled yet. */
import type { Channel, ConsumeMessage } from 'amqplib';

export class Deliveries {
  readonly #messages: ConsumeMessage[] = [];
  #isOver = false;
  #wake: (() => void) | undefined;
  #channel: Channel | undefined;

  /** They come by this channel. */
  async consume(channel: Channel, queue: string, onGone: () => void): Promise<void> {
    this.#channel = channel;
    await channel.consume(queue, (message) => (message ? this.#add(message) : onGone()));
  }

  #add(message: ConsumeMessage): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  /** No more are handled: RabbitMQ delivers them again. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  /** Those that are there, at least one and so many at most; none at the end. */
  async next(most: number): Promise<ConsumeMessage[]> {
    while (this.#messages.length === 0 && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#isOver ? [] : this.#messages.splice(0, most);
  }

  /** This one and all before it have been handled. */
  acknowledge(message: ConsumeMessage): void {
    try {
      this.#channel?.ack(message, true);
    } catch {
      // The connection has ended meanwhile: they come again and are repeats.
    }
  }
}
