/** The client of callers. */
import { defaultVoice, queued, readChange, readVoice } from './answers.js';
import type { Counts } from './counts.js';
import { NotConfirmedError } from './errors.js';
import type { BusinessVoiceChanged } from './generated/messages.js';
import { Clock } from './instant.js';
import { Link } from './link.js';
import { safely } from './log.js';
import type { Logger } from './logger.js';
import { nodesOf } from './nodes.js';
import { Request } from './request.js';
import { checkedCall, checkedChange } from './rules.js';
import type { TlsOptions } from './tls.js';
import type { Voice, VoiceChange } from './voice.js';

const CALLS = 'call-started';
const CHANGES = 'business-voice-changed';
/** Milliseconds that a change waits for its result. */
const CHANGE_TIMEOUT = 5000;
/** Longer ones would be taken for 1 ms. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export interface VoiceClientOptions {
  /** How long `voiceFor` waits for an answer, in milliseconds; 300 when it is not given. */
  readonly timeoutMs?: number | undefined;
  /** The voice that a call gets when no answer comes in time; `ash` when it is not given. */
  readonly default?: string | undefined;
  /** Where to log to, such as `console`; nowhere when it is not given. */
  readonly logger?: Logger | undefined;
  /** For amqps: what a URI cannot say, such as a certificate authority of one's own. */
  readonly tls?: TlsOptions | undefined;
}

export interface Call {
  /** Whom the call is for: 1 to 2147483647. */
  readonly businessId: number;
  /** Of the telephony provider, 1 to 64 printable characters. */
  readonly callId: string;
  /** The client's when it is not given. */
  readonly timeoutMs?: number | undefined;
  /** The client's when it is not given. */
  readonly default?: string | undefined;
  /** When the call began, a text with an offset; now when it is not given. */
  readonly startedAt?: Date | string | undefined;
}

export interface Change {
  /** 1 to 2147483647. */
  readonly businessId: number;
  /** The new voice, 1 to 32 printable characters. */
  readonly voiceId: string;
  /** Who changed it, at most 128 characters. */
  readonly changedBy?: string | null | undefined;
  /** When it was changed, a text with an offset; now when it is not given. The later change stands. */
  readonly changedAt?: Date | string | undefined;
  /** How long to wait for the result; 5000 when it is not given. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Asks the Voice Worker for the voices of calls, and tells it of changes. Make one for each program and share it. The
 * first use opens its only connection, which is opened again when it is lost, on whichever of the nodes answers.
 */
export class VoiceClient {
  readonly #options: VoiceClientOptions;
  readonly #nodes: ReturnType<typeof nodesOf>;
  readonly #log: Logger;
  readonly #clock = new Clock();
  readonly #counts = { answered: 0, defaulted: 0, late: 0 };
  #link: Link | undefined;

  /**
   * @param urls where RabbitMQ is: an AMQP URI, or one for each node of a cluster.
   * @throws TypeError a URI is wrong; RangeError the timeout is not above 0.
   */
  constructor(urls: string | readonly string[], options: VoiceClientOptions = {}) {
    this.#nodes = nodesOf(urls);
    this.#options = options;
    this.#log = safely(options.logger);
    checkedTimeout(options.timeoutMs);
  }

  /** What became of the calls so far. */
  get counts(): Counts {
    return { ...this.#counts };
  }

  /** Begins to connect, and returns at once: so that the first call does not wait for it. */
  connect(): void {
    this.#link ??= new Link(this.#nodes, this.#options.tls, this.#log, () => this.#counts.late++);
  }

  /**
   * The voice for a call: the worker's answer, or the default when none has come after `timeoutMs`. It never waits
   * longer, also while RabbitMQ or the worker is away. The same `callId` asked again gets the answer that it got
   * first.
   * @throws ContractError an argument breaks the contract. Nothing else is thrown, but a RangeError for a timeout that
   *   no timer can wait for. Where none is left, the call gets the default at once.
   */
  async voiceFor(call: Call): Promise<Voice> {
    const { timeoutMs = this.#options.timeoutMs ?? 300 } = call;
    // Never none.
    const byDefault = call.default || this.#options.default || 'ash';
    const message = checkedCall({ ...call, startedAt: call.startedAt ?? new Date() });
    // Of a budget that is used up nothing is left.
    if (timeoutMs <= 0) return this.#counted(defaultVoice(message, byDefault, 'timeout'));
    const options = { timeoutMs: checkedTimeout(timeoutMs), expires: true, needsReply: true };
    const { reply } = await this.#carry(new Request(CALLS, message, options));
    const voice = reply && readVoice(message, reply, byDefault, this.#log);
    return this.#counted(voice ?? defaultVoice(message, byDefault, 'timeout'));
  }

  /**
   * Gives a business another voice, and says what became of it: `queued` when RabbitMQ has the change and the worker
   * has not answered in time: it will be made or rejected later.
   * @throws ContractError an argument breaks the contract, or the worker cannot record the change.
   * @throws NotConfirmedError RabbitMQ has not confirmed the change in time.
   */
  async changeVoice(change: Change): Promise<VoiceChange> {
    const message = checkedChange({ ...change, changedAt: change.changedAt ?? this.#clock.now() });
    const { reply } = await this.#publish(message, change.timeoutMs, true);
    return reply ? readChange(message, reply, this.#log) : queued(message);
  }

  /**
   * Sends a change and returns when RabbitMQ has it, so that it is not lost; for outboxes. Sent again it has one
   * effect.
   * @throws ContractError it breaks the contract.
   * @throws NotConfirmedError RabbitMQ has not confirmed it in time.
   */
  async publish(change: BusinessVoiceChanged, options: Pick<Change, 'timeoutMs'> = {}): Promise<void> {
    await this.#publish(checkedChange(change), options.timeoutMs, false);
  }

  /**
   * Ends the connection, within about a second; whoever still waits gets the default, or an error for a change that
   * is not confirmed. The next use opens another connection.
   */
  async close(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    await link?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #publish(message: BusinessVoiceChanged, timeoutMs: number | undefined, needsReply: boolean): Promise<Request> {
    const options = { timeoutMs: checkedTimeout(timeoutMs ?? CHANGE_TIMEOUT), expires: false, needsReply };
    const request = await this.#carry(new Request(CHANGES, message, options));
    if (!request.reply && !request.isConfirmed) {
      const trouble = request.refusal ?? this.#link?.trouble ?? 'the client was closed';
      throw new NotConfirmedError(`the change is not confirmed: ${trouble}`, message.changedAt);
    }
    return request;
  }

  async #carry(request: Request): Promise<Request> {
    this.connect();
    await (this.#link as Link).carry(request);
    return request;
  }

  #counted(voice: Voice): Voice {
    this.#counts[voice.isAnswer ? 'answered' : 'defaulted']++;
    return voice;
  }
}

function checkedTimeout<T extends number | undefined>(timeoutMs: T): T {
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT)) {
    throw new RangeError('timeoutMs: milliseconds above 0 are needed');
  }
  return timeoutMs;
}
