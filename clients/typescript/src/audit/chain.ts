/** Whether an event follows on the one before in its stream: docs/messages.md, "The chain of hashes". */
import { createHash } from 'node:crypto';
import type { AuditBody } from './received.js';

const NO_HASH = '00'.repeat(32);

/**
 * False when the event or the one before has been altered; true when not, or when there is nothing to compare.
 * @param type the AMQP type of the event.
 * @param last the highest sequence of its stream that the consumer has had before, 0 if none.
 * @param lastHash the hash of that event.
 */
export function follows(type: string | undefined, body: AuditBody, last: number, lastHash: string | null): boolean {
  if (body.hash == null || !type || type === 'HistoryLost' || body.sequence !== last + 1) return true;
  return body.hash === hashOf(type, body, lastHash);
}

/** The hash that an event has to have behind one with the hash `before`, as hexadecimal digits. */
export function hashOf(type: string, body: AuditBody, before: string | null): string {
  const { eventId, stream, sequence, hash: _, ...own } = body;
  const texts = [eventId, stream, sequence, type, own.occurredAt, canonical(own)];
  return createHash('sha256').update(before ?? NO_HASH, 'hex').update(texts.join('\n')).digest('hex');
}

/** As PostgreSQL's jsonb writes it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => ({ name, key: Buffer.from(name), member }));
  members.sort((one, other) => one.key.length - other.key.length || Buffer.compare(one.key, other.key));
  return `{${members.map(({ name, member }) => `${JSON.stringify(name)}: ${canonical(member)}`).join(', ')}}`;
}
