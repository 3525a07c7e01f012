/** How many calls of a client, since it was made. */
export interface Counts {
  /** Got the worker's answer in time. */
  readonly answered: number;
  /** Got a default of the caller, because no answer came in time or the call could not be recorded. */
  readonly defaulted: number;
  /** Answers that came after their caller had stopped waiting; such a call is defaulted too. */
  readonly late: number;
}
