/** What is said to people, in logs and errors. */
import { debuglog } from 'node:util';
import type { Logger } from './logger.js';

/** Shown with NODE_DEBUG=voice-worker-client only. */
const show = debuglog('voice-worker-client');

/** One that never throws: what fails in a log is not the caller's trouble. Silent when no logger is given. */
export function safely(logger: Logger | undefined): Logger {
  const at = (level: keyof Logger) => (message: string) => {
    try {
      if (logger) logger[level](message);
      else show('%s: %s', level, message);
    } catch {
      // There is nobody to tell.
    }
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** What an error says. One of several addresses has no text of its own. */
export function textOf(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return error.errors.map(textOf).join(', ');
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
