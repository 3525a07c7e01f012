/** What a caller has to handle: a message that breaks its contract, and a change that is not certain. */

/** One rule that a message breaks, in the words of the contract. Never holds a value of the message. */
export interface BrokenRule {
  /** The field; empty where the message as a whole is meant. */
  readonly field: string;
  /** What would be right. */
  readonly rule: string;
}

/** A message breaks its contract, found before it was sent or by the worker; sent again, it breaks it again. */
export class ContractError extends Error {
  override readonly name = 'ContractError';

  /**
   * @param broken each broken rule.
   * @param error `notRecorded` for a change that the worker could not record.
   */
  constructor(
    readonly broken: readonly BrokenRule[],
    readonly error: 'invalidMessage' | 'notRecorded' = 'invalidMessage',
  ) {
    super(broken.map(({ field, rule }) => `${field || 'message'}: ${rule}`).join('; '));
  }
}

/**
 * RabbitMQ has not confirmed a change in time: it may have been sent or not. Send it again with the same `changedAt`:
 * a change that arrives twice has one effect.
 */
export class NotConfirmedError extends Error {
  override readonly name = 'NotConfirmedError';

  /**
   * @param reason for people, without secrets.
   * @param changedAt of the change, as it was sent.
   */
  constructor(reason: string, readonly changedAt: string) {
    super(reason);
  }
}
