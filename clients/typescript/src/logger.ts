/**
 * Where a client logs to: an application's own logger, or `console`; pino and winston have these too. Never a
 * password or a value of a message.
 */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
