/** The rule of sequences of docs/messages.md, over whatever keeps it. */
import type { Logger } from '../logger.js';
import { follows } from './chain.js';
import type { LedgerTransaction } from './ledger.js';
import type { AsItCame, AuditBody, AuditEventType, Received } from './received.js';

const TYPES: Readonly<Record<AuditEventType, true>> = {
  BusinessVoiceChangeRejected: true,
  BusinessVoiceUpdated: true,
  CallVoiceResolved: true,
  HistoryLost: true,
  OperatorActed: true,
  SchemaMigrated: true,
  TrailSealed: true,
};

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

/** The same with the type that this version knows it by. */
function received(came: AsItCame): Received {
  const isKnown = came.amqpType !== undefined && Object.hasOwn(TYPES, came.amqpType);
  return { ...came, type: isKnown ? came.amqpType : undefined, event: isKnown ? came.body : undefined } as Received;
}
