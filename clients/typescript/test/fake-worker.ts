/** Something that answers in the place of the worker, as a test has it. */
import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import type { Messages } from 'voice-worker-client';
import { brokerUrl, until } from './broker.js';

type Fields = Record<string, unknown>;

export interface Heard {
  readonly message: Fields;
  readonly properties: ConsumeMessage['properties'];
}

/** What is answered: AMQP type and body. */
export type Answer = readonly [type: string | undefined, body: unknown];

/** Every business has it. */
export function marin(call: Fields): Answer {
  const voice = { ...call, voiceId: 'marin', source: 'business', reason: 'businessVoice' };
  return ['CallVoice', voice as Partial<Messages['CallVoice']>];
}

export interface FakeWorkerOptions {
  readonly exchange?: string;
  /** Several for answers that come more than once. */
  readonly answer?: (message: Fields) => Answer | readonly Answer[] | undefined;
  readonly delayMs?: number;
}

/** Answers what comes to an exchange while a test runs. */
export class FakeWorker {
  readonly heard: Heard[] = [];

  private constructor(readonly connection: ChannelModel) {}

  static async started(options: FakeWorkerOptions = {}): Promise<FakeWorker> {
    const { exchange = 'call-started', answer = marin, delayMs = 0 } = options;
    const worker = new FakeWorker(await connect(brokerUrl));
    const channel = await worker.connection.createChannel();
    await channel.assertExchange(exchange, 'fanout', { durable: true });
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, exchange, '');
    const reply = ({ correlationId, replyTo }: ConsumeMessage['properties'], [type, body]: Answer) => {
      const content = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
      channel.sendToQueue(replyTo as string, content, { correlationId, ...(type !== undefined && { type }) });
    };
    await channel.consume(queue, (message) => {
      if (!message) return;
      const heard = { message: JSON.parse(message.content.toString()) as Fields, properties: message.properties };
      worker.heard.push(heard);
      const answers = answer(heard.message);
      if (!answers || !heard.properties.replyTo) return;
      const list = (Array.isArray(answers[0]) ? answers : [answers]) as readonly Answer[];
      setTimeout(() => list.forEach((one) => reply(heard.properties, one)), delayMs);
    }, { noAck: true });
    return worker;
  }

  /** Once it has heard so many messages. */
  hears(count: number): Promise<void> {
    return until(() => this.heard.length >= count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}
