/** What callers get: the voice of a call, and what became of a change. */
import type { CallVoice, VoiceChangeResult } from './generated/messages.js';

/** What the worker says, or why it was not asked to the end: nothing came in time, or it could not record the call. */
export type VoiceReason = CallVoice['reason'] | 'timeout' | 'notRecorded';

/** The voice to speak with. */
export interface Voice {
  readonly voiceId: string;
  /** `business`, or `default` for a default of the worker or of the caller. */
  readonly source: CallVoice['source'];
  readonly reason: VoiceReason;
  /** As asked. */
  readonly businessId: number;
  /** As asked. */
  readonly callId: string;
  /** Whether the worker has said so: then it is what its audit trail has for this call. */
  readonly isAnswer: boolean;
}

/** What became of a change of voice. */
export interface VoiceChange {
  /**
   * `updated`; `superseded`: a later change stands; `refused`: see `reason`; `queued`: RabbitMQ keeps it, and the
   * worker has not said yet what became of it.
   */
  readonly outcome: 'updated' | 'superseded' | 'refused' | 'queued';
  /** As asked. */
  readonly businessId: number;
  /** As asked; in the spelling of the catalogue once the worker has answered. */
  readonly voiceId: string;
  /** Identifies the change together with business and voice. */
  readonly changedAt: string;
  /** Why it was not made; null for the other outcomes. */
  readonly reason: NonNullable<VoiceChangeResult['reason']> | null;
  /**
   * The voice that the business has now, so also the one that superseded this change; null when there is none or no
   * such business, and while the change is `queued`.
   */
  readonly standingVoiceId: string | null;
}
