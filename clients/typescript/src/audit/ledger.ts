/** Which events have been handled, whatever keeps that. */

/** Sequences of a stream that are missing. */
export interface Gap {
  readonly stream: string;
  readonly first: number;
  readonly last: number;
}

/** How far a stream has been handled. */
export interface Progress {
  /** The highest sequence, 0 at first. */
  readonly last: number;
  /** The hash of that event. */
  readonly hash: string | null;
}

/**
 * Keeps for each stream the highest sequence that was handled, its hash, and the gaps below. `Connection` is what a
 * handler gets to write with, such as the client of the database that the ledger is in.
 */
export interface Ledger<Connection = undefined> {
  /** Commits what `work` has written when it resolves; rolls all of it back, and rejects, when it rejects. */
  transaction<Result>(work: (transaction: LedgerTransaction<Connection>) => Promise<Result>): Promise<Result>;
  /** What is missing, by stream and sequence. An `audit replay` fills what the event store still has. */
  gaps(): Promise<Gap[]>;
}

/** What happens between a delivery and its acknowledgement. */
export interface LedgerTransaction<Connection = undefined> {
  /** For the handler: what it writes here is committed together with the note that the event was handled. */
  readonly connection: Connection;
  progress(stream: string): Promise<Progress>;
  setProgress(stream: string, progress: Progress): Promise<void>;
  addGap(gap: Gap): Promise<void>;
  /** Takes out the gap that a sequence is in, and returns it. */
  removeGap(stream: string, sequence: number): Promise<Gap | undefined>;
}
