/**
 * Types of the part of binary-parser that is used here. The package has declarations, but its `exports` map hides them
 * from an ESM import (2.3.0).
 */
declare module 'binary-parser' {
  export class Parser {
    endianness(order: 'little' | 'big'): this;
    uint8(name: string): this;
    uint16(name: string): this;
    uint32(name: string): this;
    /** `bytes` may be the name of a field that was read before. */
    skip(bytes: number | string): this;
    array(name: string, options: { type: 'uint8'; length: number }): this;
    /** Keeps the offset that has been reached. */
    saveOffset(name: string): this;
    /** @throws {RangeError} if `bytes` is shorter than the fields. */
    parse(bytes: Uint8Array): unknown;
  }
}
