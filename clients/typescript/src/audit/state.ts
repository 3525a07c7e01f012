/** What a file's ledger knows: each change of it is one step, which can be written and done again. */
import type { Gap, Progress } from './ledger.js';

/** As in the file: progress, a gap that is new, a gap that is gone. */
export type Step =
  | readonly ['at', stream: string, last: number, hash: string | null]
  | readonly ['gap', stream: string, first: number, last: number]
  | readonly ['filled', stream: string, first: number, last: number];

export class State {
  readonly #progress = new Map<string, Progress>();
  readonly #gaps = new Map<string, Map<number, Gap>>();

  do(step: Step): void {
    const [what, stream, number] = step;
    if (what === 'at') {
      this.#progress.set(stream, { last: number, hash: step[3] });
    } else if (what === 'gap') {
      const gaps = this.#gaps.get(stream) ?? new Map<number, Gap>();
      this.#gaps.set(stream, gaps.set(number, { stream, first: number, last: step[3] }));
    } else {
      const gaps = this.#gaps.get(stream);
      gaps?.delete(number);
      if (gaps?.size === 0) this.#gaps.delete(stream);
    }
  }

  progress(stream: string): Progress {
    return this.#progress.get(stream) ?? { last: 0, hash: null };
  }

  gapOf(stream: string, sequence: number): Gap | undefined {
    for (const gap of this.#gaps.get(stream)?.values() ?? []) {
      if (gap.first <= sequence && sequence <= gap.last) return gap;
    }
    return undefined;
  }

  /** By stream and sequence. */
  gaps(): Gap[] {
    const gaps = [...this.#gaps.values()].flatMap((ofStream) => [...ofStream.values()]);
    const order = (one: string, other: string) => (one < other ? -1 : Number(one > other));
    return gaps.sort((one, other) => order(one.stream, other.stream) || one.first - other.first);
  }

  /** The fewest steps that lead here. */
  *steps(): Iterable<Step> {
    for (const [stream, { last, hash }] of this.#progress) yield ['at', stream, last, hash];
    for (const { stream, first, last } of this.gaps()) yield ['gap', stream, first, last];
  }
}
