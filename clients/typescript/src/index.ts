/** Client of the Voice Worker: the voice for a call, changes of voices, and the audit trail. */
export { follows, hashOf } from './audit/chain.js';
export { AuditConsumer, type AuditConsumerOptions, type AuditHandler } from './audit/consumer.js';
export { FileLedger } from './audit/file-ledger.js';
export type { Gap, Ledger, LedgerTransaction, Progress } from './audit/ledger.js';
export type { AuditBody, AuditEventType, Received } from './audit/received.js';
export { VoiceClient, type Call, type Change, type VoiceClientOptions } from './client.js';
export type { Counts } from './counts.js';
export { ContractError, NotConfirmedError, type BrokenRule } from './errors.js';
export type * from './generated/messages.js';
export type { Logger } from './logger.js';
export type { TlsOptions } from './tls.js';
export type { Voice, VoiceChange, VoiceReason } from './voice.js';
