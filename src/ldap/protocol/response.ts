/** The operations of responses in BER, without the LDAPMessage around them. */
import { TAG } from '../ber/reader.js';
import { BerWriter } from '../ber/writer.js';
import { OID } from './codes.js';

/** What an operation led to. */
export interface Result {
  readonly code: number;
  readonly matchedDn?: string;
  readonly message?: string;
}

/** A response that is an LDAPResult, with the name and the value of an extended one. */
export function resultOperation(tag: number, result: Result, name?: string, value?: string): Uint8Array {
  const writer = new BerWriter(64);
  writer.within(tag, () => {
    writer.integer(result.code, TAG.enumerated);
    writer.octets(result.matchedDn ?? '');
    writer.octets(result.message ?? '');
    if (name !== undefined) writer.octets(name, 0x8a);
    if (value !== undefined) writer.octets(value, 0x8b);
  });
  return writer.finish();
}

/** The control of a page (RFC 2696), with the [0] of controls around it. */
export function pagingControls(cookie: Uint8Array): Uint8Array {
  const value = new BerWriter(32);
  value.within(TAG.sequence, () => {
    value.integer(0);
    value.octets(cookie);
  });
  const writer = new BerWriter(64);
  writer.within(0xa0, () =>
    writer.within(TAG.sequence, () => {
      writer.octets(OID.paging);
      writer.octets(value.finish());
    }),
  );
  return writer.finish();
}
