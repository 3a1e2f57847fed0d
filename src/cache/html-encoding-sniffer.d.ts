declare module 'html-encoding-sniffer' {
  /**
   * The encoding of an HTML page: by its byte order mark, by what it declares in its first 1,024 bytes, or the default.
   */
  export default function htmlEncodingSniffer(bytes: Uint8Array, options: { defaultEncoding: string }): string;
}
