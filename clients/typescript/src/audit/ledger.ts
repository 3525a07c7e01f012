/** Which events have been handled: the rule of sequences of docs/messages.md, over whatever keeps it. */
import type { Logger } from '../logger.js';
import { follows } from './chain.js';
import { received, type AuditBody, type Received } from './received.js';

/** Sequences of a stream that are missing. */
export interface Gap {
  readonly stream: string;
  readonly first: number;
  readonly last: number;
}

/** How far a stream has been handled. */
export interface Progress {
  /** The highest sequence, 0 at first. */
  readonly last: number;
  /** The hash of that event. */
  readonly hash: string | null;
}

/**
 * Keeps for each stream the highest sequence that was handled, its hash, and the gaps below. `Connection` is what a handler
 * gets to write with, such as the client of the database that the ledger is in.
 */
export interface Ledger<Connection = undefined> {
  /** Commits what `work` has written when it resolves; rolls all of it back, and rejects, when it rejects. */
  transaction<Result>(work: (transaction: LedgerTransaction<Connection>) => Promise<Result>): Promise<Result>;
  /** What is missing, by stream and sequence. An `audit replay` fills what the event store still has. */
  gaps(): Promise<Gap[]>;
}

/** What happens between a delivery and its acknowledgement. */
export interface LedgerTransaction<Connection = undefined> {
  /** For the handler: what it writes here is committed together with the note that the event was handled. */
  readonly connection: Connection;
  progress(stream: string): Promise<Progress>;
  setProgress(stream: string, progress: Progress): Promise<void>;
  addGap(gap: Gap): Promise<void>;
  /** Takes out the gap that a sequence is in, and returns it. */
  removeGap(stream: string, sequence: number): Promise<Gap | undefined>;
}

/** An event that has been delivered. */
export interface Delivery {
  /** Its AMQP type. */
  readonly type: string | undefined;
  readonly content: Buffer;
  readonly isReplay: boolean;
}

/** Notes an event as handled and returns it; undefined for a repeat. Rejects with a TypeError if it is no event. */
export async function take(
  transaction: LedgerTransaction<unknown>, { type, content, isReplay }: Delivery, log: Logger,
): Promise<Received | undefined> {
  const body = bodyOf(content);
  const { stream, sequence } = body;
  const { last, hash } = await transaction.progress(stream);
  if (sequence > last) {
    await advance(transaction, body, last, log);
  } else if (!(await fill(transaction, stream, sequence))) {
    return undefined;
  }
  const isAltered = !follows(type, body, last, hash);
  if (isAltered) log.error(`${stream} ${sequence} does not follow on the event before: one of them was altered`);
  return received({ amqpType: type, body, isReplay, isAltered });
}

async function advance(
  transaction: LedgerTransaction<unknown>, { stream, sequence, hash }: AuditBody, last: number, log: Logger,
): Promise<void> {
  if (sequence > last + 1) {
    log.warn(`${stream} ${last + 1} to ${sequence - 1} are missing`);
    await transaction.addGap({ stream, first: last + 1, last: sequence - 1 });
  }
  await transaction.setProgress(stream, { last: sequence, hash: hash ?? null });
}

async function fill(transaction: LedgerTransaction<unknown>, stream: string, sequence: number): Promise<boolean> {
  const gap = await transaction.removeGap(stream, sequence);
  if (!gap) return false;
  if (gap.first < sequence) await transaction.addGap({ stream, first: gap.first, last: sequence - 1 });
  if (sequence < gap.last) await transaction.addGap({ stream, first: sequence + 1, last: gap.last });
  return true;
}

function bodyOf(content: Buffer): AuditBody {
  let body: AuditBody | null | undefined;
  try {
    body = JSON.parse(content.toString()) as AuditBody | null;
  } catch {
    // Told below: its error quotes the message.
  }
  if (typeof body?.stream !== 'string' || !Number.isSafeInteger(body.sequence)) {
    throw new TypeError('an audit event is JSON with stream and sequence');
  }
  return body;
}
