// Which events have been handled. A file of one event a line is both: what was done with them, and the note that it was.
// With a database of your own, keep both there instead, in the same transaction as what you do.
import { closeSync, existsSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { follows } from './chain.mjs';

export class Ledger {
  #last = new Map(); // stream → highest sequence
  #heads = new Map(); // stream → the event with it
  #gaps = new Map(); // stream → sequences below it that have not come
  #pending = '';
  #file;

  constructor(file) {
    const written = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const whole = written.slice(0, written.lastIndexOf('\n') + 1);
    this.#file = openSync(file, 'a');
    // A line that a crash cut off was not acknowledged: it comes again.
    ftruncateSync(this.#file, Buffer.byteLength(whole));
    for (const event of parse(whole)) {
      this.#isNew(event);
      this.#follows(event);
    }
  }

  // Handles an event unless that was done before; true if it is new.
  add(body, type) {
    const event = { type, ...JSON.parse(body) };
    if (!this.#isNew(event)) return false;
    if (!this.#follows(event)) console.log(`altered: ${event.stream} ${event.sequence}`);
    // Here is your part. This example keeps every event.
    this.#pending += `${JSON.stringify(event)}\n`;
    return true;
  }

  // By arithmetic: sequences of a stream are 1, 2, 3 …, and a repeat has the same one.
  #isNew({ stream, sequence }) {
    const last = this.#last.get(stream) ?? 0;
    if (sequence <= last) return this.#gaps.get(stream)?.delete(sequence) ?? false;
    this.#last.set(stream, sequence);
    // None, unless this queue was bound late.
    for (let missing = last + 1; missing < sequence; missing++) {
      if (!this.#gaps.has(stream)) this.#gaps.set(stream, new Set());
      this.#gaps.get(stream).add(missing);
    }
    return true;
  }

  // By its hash, which chains it to the one before: false when somebody has altered one of them.
  #follows(event) {
    const { stream, sequence, hash } = event;
    const head = this.#heads.get(stream);
    if (!head || sequence > head.sequence) this.#heads.set(stream, { sequence, hash });
    return follows(event, head);
  }

  // Returns when the disk has what was added.
  commit() {
    writeSync(this.#file, this.#pending);
    fdatasyncSync(this.#file);
    this.#pending = '';
  }

  close() {
    closeSync(this.#file);
  }
}

// What is there and what is not, counted from the events themselves.
export function proof(file) {
  const streams = new Map();
  let events = 0;
  for (const { stream, sequence } of parse(existsSync(file) ? readFileSync(file, 'utf8') : '')) {
    streams.set(stream, (streams.get(stream) ?? new Set()).add(sequence));
    events++;
  }
  let [missing, distinct] = [0, 0];
  for (const sequences of streams.values()) {
    missing += [...sequences].reduce((a, b) => Math.max(a, b)) - sequences.size;
    distinct += sequences.size;
  }
  return { events, streams: streams.size, missing, repeated: events - distinct, altered: altered(file) };
}

// Events that do not follow on the one before, also when it is this file that was altered.
function altered(file) {
  const events = parse(existsSync(file) ? readFileSync(file, 'utf8') : '');
  events.sort((one, other) => (one.stream < other.stream ? -1 : one.stream > other.stream ? 1 : one.sequence - other.sequence));
  return events.filter((event, i) => !follows(event, events[i - 1]?.stream === event.stream ? events[i - 1] : undefined));
}

function parse(lines) {
  return lines.split('\n').slice(0, -1).map((line) => JSON.parse(line));
}
