/** What a client has logged. */
import type { Logger } from 'voice-worker-client';

export class RecordedLog implements Logger {
  readonly lines: string[] = [];

  info(message: string): void {
    this.lines.push(`info: ${message}`);
  }

  warn(message: string): void {
    this.lines.push(`warn: ${message}`);
  }

  error(message: string): void {
    this.lines.push(`error: ${message}`);
  }

  of(level: keyof Logger): string[] {
    return this.lines.filter((line) => line.startsWith(`${level}: `));
  }
}
