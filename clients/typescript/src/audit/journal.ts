/** A file to which transactions are appended, a line each: one that was cut off by a crash has not happened. */
import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { State, type Step } from './state.js';

/** The first line, so that no other file is taken for one. */
const HEAD = '{"ledger":"voice-worker-client","version":1}\n';
/** Steps in the file, from which on it is written anew when most of them are history. */
const MOST_STEPS = 10_000;

export class Journal {
  #file: FileHandle | undefined;
  #length = 0;
  #stepCount = 0;
  #isTorn = true;

  private constructor(readonly path: string, readonly state: State) {}

  /** What is in the file; nothing where there is none. Writes nothing. */
  static async read(path: string): Promise<Journal> {
    const journal = new Journal(path, new State());
    const content = await readFile(path).catch(unlessMissing);
    const end = content.lastIndexOf('\n') + 1;
    if (end === 0 && HEAD.startsWith(content.toString())) return journal;
    const [head, ...lines] = content.subarray(0, end).toString().split('\n').slice(0, -1);
    if (`${head}\n` !== HEAD) throw new Error(`${path} is no ledger of this version`);
    lines.forEach((line, i) => journal.#redo(line, i + 2));
    journal.#length = end;
    return journal;
  }

  #redo(line: string, number: number): void {
    let steps: Step[];
    try {
      steps = JSON.parse(line) as Step[];
    } catch {
      throw new Error(`${this.path} is damaged in line ${number}`);
    }
    for (const step of steps) this.state.do(step);
    this.#stepCount += steps.length;
  }

  /**
   * Returns when they are on the disk. Where that fails, none of them has happened, and the journal is to be read
   * again.
   */
  async append(steps: readonly Step[]): Promise<void> {
    if (steps.length === 0) return;
    const isNew = this.#length === 0;
    this.#file ??= await open(this.path, 'a');
    if (this.#isTorn) await this.#file.truncate(this.#length);
    this.#isTorn = true;
    const text = Buffer.from(`${isNew ? HEAD : ''}${JSON.stringify(steps)}\n`);
    await this.#file.writeFile(text);
    await this.#file.datasync();
    if (isNew) await syncFolderOf(this.path);
    this.#isTorn = false;
    this.#length += text.length;
    this.#stepCount += steps.length;
  }

  /** Writes the file anew when most of it is history; the old one stays until the new one is complete. */
  async shorten(): Promise<void> {
    if (this.#stepCount < MOST_STEPS) return;
    const steps = [...this.state.steps()];
    if (steps.length * 2 > this.#stepCount) return;
    const text = Buffer.from(`${HEAD}${steps.map((step) => `[${JSON.stringify(step)}]\n`).join('')}`);
    await writeDurably(`${this.path}.new`, text);
    await rename(`${this.path}.new`, this.path);
    await syncFolderOf(this.path);
    await this.close();
    this.#length = text.length;
    this.#stepCount = steps.length;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

function unlessMissing(error: NodeJS.ErrnoException): Buffer {
  if (error.code === 'ENOENT') return Buffer.alloc(0);
  throw error;
}

async function writeDurably(path: string, text: Buffer): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that the file is still there after a power cut; Windows has no such thing. */
async function syncFolderOf(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
