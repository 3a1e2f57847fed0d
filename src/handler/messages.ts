/** What a handler's thread is given. */

/** All of it survives structured cloning. */
export interface HandlerThreadSetup {
  /** The URL of the file whose default export is the handler. */
  readonly url: string;
}
