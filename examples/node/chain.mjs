// Whether an event follows on the one before in its stream: docs/messages.md, "The chain of hashes".
import { createHash } from 'node:crypto';

// event with its AMQP type as type; previous is the event that the consumer has got before, if any.
export function follows(event, previous) {
  if (!event.hash || !event.type || event.type === 'HistoryLost') return true;
  // Behind a gap, or in one, there is nothing to compare with.
  if (event.sequence - 1 !== (previous?.sequence ?? 0)) return true;
  return event.hash === hashOf(event, previous?.hash);
}

function hashOf({ type, eventId, stream, sequence, hash, ...own }, before) {
  const texts = [eventId, stream, sequence, type, own.occurredAt, canonical(own)];
  return createHash('sha256').update(before ?? '00'.repeat(32), 'hex').update(texts.join('\n')).digest('hex');
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const names = Object.keys(value).map((name) => Buffer.from(name));
  names.sort((one, other) => one.length - other.length || Buffer.compare(one, other));
  return `{${names.map((name) => `${JSON.stringify(`${name}`)}: ${canonical(value[name])}`).join(', ')}}`;
}
