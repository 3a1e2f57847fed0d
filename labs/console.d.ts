/** What a lab's file may print with. The types of Node are not there where fastpath is installed alone. */
declare var console: {
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  debug(...values: unknown[]): void;
  assert(condition: unknown, ...values: unknown[]): void;
  dir(value: unknown, options?: { depth?: number | null }): void;
  table(rows: unknown, columns?: readonly string[]): void;
  trace(...values: unknown[]): void;
  group(...values: unknown[]): void;
  groupCollapsed(...values: unknown[]): void;
  groupEnd(): void;
  count(label?: string): void;
  countReset(label?: string): void;
  time(label?: string): void;
  timeLog(label?: string, ...values: unknown[]): void;
  timeEnd(label?: string): void;
};
