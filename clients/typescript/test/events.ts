/** Audit events as the worker chains them. */
import { hashOf, type AuditBody } from 'voice-worker-client';

/** As OperatorActed, for its nested objects; with its hash. */
export function event(sequence: number, before: string | null = null, stream = 'business-1'): AuditBody {
  const body = {
    eventId: `${stream} ${sequence}`, stream, sequence, occurredAt: '2026-01-31T09:30:00.000000Z',
    operator: 'anna@host', verb: 'voice set', filter: { voice: 'é', id: '1' }, counts: { sent: 1 }, result: 'done',
    note: null,
  };
  return { ...body, hash: hashOf('OperatorActed', body, before) };
}

export function chained(count: number, stream = 'business-1'): AuditBody[] {
  const events: AuditBody[] = [];
  for (let sequence = 1; sequence <= count; sequence++) {
    events.push(event(sequence, events.at(-1)?.hash ?? null, stream));
  }
  return events;
}
