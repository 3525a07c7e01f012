/** What a reply means for the caller. */
import { ContractError, type BrokenRule } from './errors.js';
import type { BusinessVoiceChanged, CallStarted, CallVoice, VoiceChangeResult } from './generated/messages.js';
import type { Logger } from './logger.js';
import type { Reply } from './request.js';
import type { Voice, VoiceChange, VoiceReason } from './voice.js';

type Body = Readonly<Record<string, unknown>>;

/** The caller's own default. */
export function defaultVoice({ businessId, callId }: CallStarted, voiceId: string, reason: VoiceReason): Voice {
  return { voiceId, source: 'default', reason, businessId, callId, isAnswer: false };
}

/**
 * The voice that a reply has; throws a ContractError where the call breaks its contract. What cannot be understood is
 * no answer; a call that the worker could not record is nothing that its caller could mend: both get the default.
 */
export function readVoice(call: CallStarted, reply: Reply, byDefault: string, log: Logger): Voice {
  const { businessId, callId } = call;
  const body = bodyOf(reply);
  if (reply.type !== 'CallRefused' && isVoice(body)) {
    const { voiceId, source, reason } = body;
    return { voiceId, source, reason, businessId, callId, isAnswer: true };
  }
  const broken = reply.type === 'CallRefused' ? brokenOf(body) : undefined;
  if (!broken) {
    log.error(`A reply of the type ${reply.type} cannot be read`);
    return defaultVoice(call, byDefault, 'timeout');
  }
  if (body?.error === 'invalidMessage') throw new ContractError(broken);
  log.error(`A call of business ${businessId} was not recorded: ${textOf(broken)}`);
  return defaultVoice(call, byDefault, 'notRecorded');
}

/** What a reply says of a change; throws a ContractError where the worker refuses it. */
export function readChange(change: BusinessVoiceChanged, reply: Reply, log: Logger): VoiceChange {
  const body = bodyOf(reply);
  if (reply.type !== 'ChangeRefused' && isResult(body)) return outcomeOf(body);
  const broken = reply.type === 'ChangeRefused' ? brokenOf(body) : undefined;
  if (broken) throw new ContractError(broken, body?.error === 'notRecorded' ? 'notRecorded' : 'invalidMessage');
  log.error(`A reply of the type ${reply.type} cannot be read`);
  return queued(change);
}

/** RabbitMQ keeps it, and nothing more is known. */
export function queued({ businessId, voiceId, changedAt }: BusinessVoiceChanged): VoiceChange {
  return { outcome: 'queued', businessId, voiceId, changedAt, reason: null, standingVoiceId: null };
}

function outcomeOf(result: VoiceChangeResult): VoiceChange {
  const { businessId, voiceId, changedAt } = result;
  const reason = result.outcome === 'updated' ? null : (result.reason ?? null);
  const rejected = reason === 'superseded' ? 'superseded' : 'refused';
  const outcome = result.outcome === 'updated' ? 'updated' : rejected;
  return { outcome, businessId, voiceId, changedAt, reason, standingVoiceId: result.standingVoiceId ?? null };
}

function bodyOf({ content }: Reply): Body | undefined {
  try {
    const body: unknown = JSON.parse(content.toString());
    return typeof body === 'object' && body !== null ? (body as Body) : undefined;
  } catch {
    return undefined;
  }
}

function isVoice(body: Body | undefined): body is Body & CallVoice {
  return !!body && areTexts(body.voiceId, body.source, body.reason);
}

function isResult(body: Body | undefined): body is Body & VoiceChangeResult {
  return !!body && areTexts(body.voiceId, body.changedAt, body.outcome) && typeof body.businessId === 'number';
}

function brokenOf(body: Body | undefined): BrokenRule[] | undefined {
  if (!Array.isArray(body?.broken) || typeof body.error !== 'string') return undefined;
  const broken = body.broken as (Partial<BrokenRule> | null)[];
  if (!broken.every((one) => areTexts(one?.field, one?.rule))) return undefined;
  return broken.map((one) => ({ field: one?.field as string, rule: one?.rule as string }));
}

function areTexts(...values: unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}

function textOf(broken: readonly BrokenRule[]): string {
  return broken.map(({ field, rule }) => (field ? `${field}: ${rule}` : rule)).join('; ');
}
