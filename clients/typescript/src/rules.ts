/** The rules of what is sent, as the worker has them: a message that breaks one is not sent. */
import { ContractError, type BrokenRule } from './errors.js';
import type { BusinessVoiceChanged, CallStarted } from './generated/messages.js';
import {
  MAX_BUSINESS_ID, MAX_CALL_ID_LENGTH, MAX_CHANGED_BY_LENGTH, MAX_VOICE_ID_LENGTH, RULES, WHITE_SPACE,
} from './generated/rules.js';
import { instantText } from './instant.js';

type Field = keyof typeof RULES;

/** Arguments as they came: a caller without types can hand over anything. */
export type Unchecked<Message> = { readonly [Name in keyof Message]?: unknown };

/** No control, format or separating character, and no half of a pair. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** The message; throws a ContractError with every rule that it breaks. */
export function checkedCall({ callId, businessId, startedAt }: Unchecked<CallStarted>): CallStarted {
  const instant = instantText(startedAt);
  const broken: BrokenRule[] = [];
  if (!isText(callId, MAX_CALL_ID_LENGTH) || trimmed(callId) !== callId) broken.push(brokenText('callId', callId));
  if (!isBusiness(businessId)) broken.push(brokenRule('businessId'));
  if (instant === undefined) broken.push(brokenRule('startedAt'));
  if (broken.length > 0) throw new ContractError(broken);
  return { callId, businessId, startedAt: instant } as CallStarted;
}

/** The message; throws a ContractError with every rule that it breaks. */
export function checkedChange(change: Unchecked<BusinessVoiceChanged>): BusinessVoiceChanged {
  const { businessId, voiceId, changedBy } = change;
  const changedAt = instantText(change.changedAt);
  const broken: BrokenRule[] = [];
  if (!isBusiness(businessId)) broken.push(brokenRule('businessId'));
  if (typeof voiceId !== 'string' || !isText(trimmed(voiceId), MAX_VOICE_ID_LENGTH)) {
    broken.push(brokenText('voiceId', voiceId));
  }
  if (changedAt === undefined) broken.push(brokenRule('changedAt'));
  if (changedBy != null && !isShortAndPrintable(changedBy, MAX_CHANGED_BY_LENGTH)) {
    broken.push(brokenText('changedBy', changedBy));
  }
  if (broken.length > 0) throw new ContractError(broken);
  const message = { businessId, voiceId, changedAt } as BusinessVoiceChanged;
  return changedBy == null ? message : { ...message, changedBy: changedBy as string };
}

function isBusiness(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_BUSINESS_ID;
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && trimmed(value) !== '' && isShortAndPrintable(value, longest);
}

function isShortAndPrintable(value: unknown, longest: number): boolean {
  return typeof value === 'string' && !UNPRINTABLE.test(value) && lengthOf(value) <= longest;
}

/** In code points, as the worker and PostgreSQL count. */
function lengthOf(text: string): number {
  return [...text].length;
}

/** Without what the worker takes for white space: String.trim takes others. */
function trimmed(text: string): string {
  let [first, last] = [0, text.length];
  while (first < last && WHITE_SPACE.includes(text.charAt(first))) first++;
  while (last > first && WHITE_SPACE.includes(text.charAt(last - 1))) last--;
  return text.slice(first, last);
}

function brokenRule(field: Field): BrokenRule {
  return { field, rule: RULES[field] };
}

function brokenText(field: Field, value: unknown): BrokenRule {
  const length = typeof value === 'string' ? ` (was ${lengthOf(value)} characters)` : '';
  return { field, rule: RULES[field] + length };
}
