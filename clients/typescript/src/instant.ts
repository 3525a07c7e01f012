/** Instants as the contracts have them: RFC 3339 texts with an offset. */
import { INSTANT } from './generated/rules.js';

const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/** As it is sent; undefined where the worker would refuse it. */
export function instantText(instant: unknown): string | undefined {
  if (instant instanceof Date) return Number.isNaN(instant.getTime()) ? undefined : instantText(instant.toISOString());
  return typeof instant === 'string' && isInstant(instant) ? instant : undefined;
}

function isInstant(text: string): boolean {
  if (!INSTANT.test(text)) return false;
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  // A leap year stands for the year: Date takes two digits for the last century, and rolls over the 30th of February.
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const date = new Date(Date.UTC(isLeap ? 2000 : 2001, month - 1, day));
  if (year < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return false;
  const utc = Date.parse(text);
  return utc > FIRST && utc <= LAST;
}

/** Now, to the microsecond, and each time later than the time before: of two changes the one made later stands. */
export class Clock {
  #last = 0;

  now(): string {
    this.#last = Math.max(this.#last + 1, Date.now() * 1000);
    const text = new Date(Math.floor(this.#last / 1000)).toISOString();
    return `${text.slice(0, -1)}${String(this.#last % 1000).padStart(3, '0')}Z`;
  }
}
