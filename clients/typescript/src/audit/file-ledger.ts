/** A ledger in a file. */
import { Journal } from './journal.js';
import type { Gap, Ledger, LedgerTransaction, Progress } from './ledger.js';
import type { Step } from './state.js';

/**
 * In a file of its own, safe against a crash at any time. What a handler writes elsewhere can happen twice, when the
 * process is killed before the commit. One consumer for each file.
 */
export class FileLedger implements Ledger {
  readonly #path: string;
  #journal: Journal | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param path made when it does not exist; `path` with `.new` behind it is used too. */
  constructor(path: string) {
    this.#path = path;
  }

  transaction<Result>(work: (transaction: LedgerTransaction) => Promise<Result>): Promise<Result> {
    return this.#inTurn(() => this.#run(work));
  }

  async gaps(): Promise<Gap[]> {
    return (await Journal.read(this.#path)).state.gaps();
  }

  /** Closes the file. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#forget());
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #run<Result>(work: (transaction: LedgerTransaction) => Promise<Result>): Promise<Result> {
    const journal = (this.#journal ??= await Journal.read(this.#path));
    try {
      const transaction = new FileTransaction(journal);
      const result = await work(transaction);
      await journal.append(transaction.steps);
      await journal.shorten();
      return result;
    } catch (error) {
      // What is in memory has not happened: the file is read again.
      await this.#forget();
      throw error;
    }
  }

  async #forget(): Promise<void> {
    const journal = this.#journal;
    this.#journal = undefined;
    await journal?.close();
  }
}

class FileTransaction implements LedgerTransaction {
  readonly connection = undefined;
  readonly steps: Step[] = [];
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  async progress(stream: string): Promise<Progress> {
    return this.#journal.state.progress(stream);
  }

  async setProgress(stream: string, { last, hash }: Progress): Promise<void> {
    this.#do(['at', stream, last, hash]);
  }

  async addGap({ stream, first, last }: Gap): Promise<void> {
    this.#do(['gap', stream, first, last]);
  }

  async removeGap(stream: string, sequence: number): Promise<Gap | undefined> {
    const gap = this.#journal.state.gapOf(stream, sequence);
    if (gap) this.#do(['filled', stream, gap.first, gap.last]);
    return gap;
  }

  #do(step: Step): void {
    this.#journal.state.do(step);
    this.steps.push(step);
  }
}
