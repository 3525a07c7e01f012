/** RabbitMQ for the tests, which AMQP_URL names, and a way to it that can be cut. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { connect, type ConfirmChannel } from 'amqplib';

const url = process.env.AMQP_URL;
// Without it nothing is shown: the tests fail.
if (!url) throw new Error('AMQP_URL names no RabbitMQ, such as amqp://guest:guest@localhost/');

export const brokerUrl: string = url;

/** Does something on a channel of its own. */
export async function onChannel<Result>(act: (channel: ConfirmChannel) => Promise<Result>): Promise<Result> {
  const connection = await connect(brokerUrl);
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    return await act(channel);
  } finally {
    await connection.close();
  }
}

/** Where nobody listens. */
export async function nowhere(): Promise<string> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return `amqp://guest:s3cr3t@127.0.0.1:${port}`;
}

/** A proxy on a port of its own: `cut` ends its connections and refuses others, `hold` passes nothing on. */
export class Way {
  url = '';
  #port = 0;
  #server: net.Server | undefined;
  #isHeld = false;
  readonly #sockets = new Set<net.Socket>();

  static async opened(): Promise<Way> {
    const way = new Way();
    await way.open();
    return way;
  }

  get isUsed(): boolean {
    return this.#sockets.size > 0;
  }

  async open(): Promise<void> {
    this.#server = net.createServer((here) => this.#accept(here)).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    const here = new URL(brokerUrl);
    here.host = `127.0.0.1:${this.#port}`;
    this.url = here.href;
  }

  cut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  hold(): void {
    this.#isHeld = true;
    for (const socket of this.#sockets) socket.pause();
  }

  #accept(here: net.Socket): void {
    const target = new URL(brokerUrl);
    const there = net.connect(Number(target.port || 5672), target.hostname);
    for (const [one, other] of [[here, there], [there, here]] as const) {
      this.#sockets.add(one);
      one.on('data', (data) => other.write(data));
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      if (this.#isHeld) one.pause();
    }
  }
}

/** Waits for what has to come. */
export async function until(condition: () => boolean | Promise<boolean>, patience = 20_000): Promise<void> {
  const end = performance.now() + patience;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('it has not come');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
