/** Names of hosts in a configuration: `example.org`, `*.example.org`, an address. RFC 9110 section 7.2, RFC 1123. */
import { domainToASCII } from 'node:url';
import { IpAddress } from '../net/wire/address.js';

/** RFC 1035 section 2.3.4. */
const LONGEST_NAME = 253;
/** Letters, digits and hyphens; an underscore is common in private networks. */
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * A host as it stands in a Host field, in lower case and in ASCII (`bücher.example` becomes `xn--bcher-kva.example`).
 * A `*.` at the beginning stands for any labels. @throws {RangeError} that says what is wrong
 */
export function parseHost(text: string): string {
  if (/^\w+:\/\//.test(text)) throw new RangeError('must be a host without a scheme, such as example.org');
  if (/[/?#@]/.test(text)) throw new RangeError('must be a host without a path, such as example.org');
  const literal = parseLiteral(text);
  if (literal !== undefined) return literal;
  if (/:\d*$/.test(text))
    throw new RangeError('must be a host without a port; a site answers on the port of the server');
  const isWild = text.startsWith('*.');
  const name = domainToASCII(isWild ? text.slice(2) : text).replace(/\.$/, '');
  const isName = name.length > 0 && name.length <= LONGEST_NAME && name.split('.').every((label) => LABEL.test(label));
  if (!isName || (text.includes('*') && !isWild) || text.lastIndexOf('*') > 0) {
    throw new RangeError('must be a host: example.org, *.example.org for all names below it, or an address');
  }
  return isWild ? `*.${name}` : name;
}

/** `10.77.0.2`, or `[fd77::2]` as it stands in a URL. */
function parseLiteral(text: string): string | undefined {
  try {
    const address = IpAddress.parse(text.replace(/^\[(.*)\]$/, '$1'));
    return address.isV4 ? String(address) : `[${address}]`;
  } catch {
    return undefined;
  }
}
