/** What a lab's file may print with. The types of Node are not there where fastpath is installed alone. */
declare var console: {
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  debug(...values: unknown[]): void;
  table(rows: unknown): void;
};
