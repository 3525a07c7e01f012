/** An audit event as it came. */
import type { Messages } from '../generated/messages.js';

/** The audit events of this version. */
export type AuditEventType = {
  [Name in keyof Messages]: Messages[Name] extends { eventId: string } ? Name : never;
}[keyof Messages];

/** What every audit event has; of one that a later version has invented nothing else is known. */
export interface AuditBody {
  readonly eventId: string;
  readonly stream: string;
  readonly sequence: number;
  readonly occurredAt: string;
  readonly hash?: string | null;
  readonly [field: string]: unknown;
}

export interface AsItCame {
  /** Its AMQP type. */
  readonly amqpType: string | undefined;
  /** Its parsed JSON. */
  readonly body: AuditBody;
  /** Whether an operator has had it published again. */
  readonly isReplay: boolean;
  /** Whether its hash does not follow on the event before: somebody has altered one of the two. */
  readonly isAltered: boolean;
}

/**
 * By its `type` the `event` has the fields of that type; both are undefined for a type that this version does not
 * know.
 */
export type Received =
  | { [Name in AuditEventType]: AsItCame & { readonly type: Name; readonly event: Messages[Name] } }[AuditEventType]
  | (AsItCame & { readonly type: undefined; readonly event: undefined });
