import type { LoggerService, LogLevel } from '@nestjs/common';

export interface LogEntry {
  level: LogLevel;
  message: unknown;
  /** Stack, context and whatever else was given. */
  params: unknown[];
}

/** Keeps what is logged instead of printing it. */
export class CollectingLogger implements LoggerService {
  readonly entries: LogEntry[] = [];

  log(message: unknown, ...params: unknown[]): void {
    this.add('log', message, params);
  }

  error(message: unknown, ...params: unknown[]): void {
    this.add('error', message, params);
  }

  warn(message: unknown, ...params: unknown[]): void {
    this.add('warn', message, params);
  }

  debug(message: unknown, ...params: unknown[]): void {
    this.add('debug', message, params);
  }

  verbose(message: unknown, ...params: unknown[]): void {
    this.add('verbose', message, params);
  }

  fatal(message: unknown, ...params: unknown[]): void {
    this.add('fatal', message, params);
  }

  private add(level: LogLevel, message: unknown, params: unknown[]): void {
    this.entries.push({ level, message, params });
  }
}
