/** Where a redirect leads: what it keeps of the request. */
import { encodeQuery } from '../../cache/head/heads.js';
import { latin1Text } from '../../net/wire/latin1.js';
import { HOST_FIELD } from '../grammar/fields.js';
import type { RequestScanner } from '../request/scanner.js';
import type { Target } from '../request/target.js';
import { startOfPort } from '../sites/host-table.js';

/** A place as a client has asked for it. */
export interface RequestedPlace {
  readonly name: string;
  /** With its colon; '' if the client has named none. */
  readonly port: string;
  readonly pathAndQuery: string;
}

/** The place that `head` asks for. Reads its target into `target`. */
export function requestedPlace(head: RequestScanner, target: Target): RequestedPlace {
  const { bytes } = head;
  target.read(head);
  const { hostFrom, hostTo, rawFrom } = target;
  const row = head.findRow(HOST_FIELD);
  const isAbsolute = hostFrom < hostTo;
  const from = isAbsolute ? hostFrom : head.valueFrom(row);
  const to = isAbsolute ? hostTo : head.valueTo(row);
  const portFrom = startOfPort(bytes, from, to);
  const rest = encodeQuery(bytes.subarray(rawFrom, head.targetTo));
  return {
    name: latin1Text(bytes.subarray(from, portFrom)),
    port: latin1Text(bytes.subarray(portFrom, to)),
    pathAndQuery: rest.startsWith('/') ? rest : `/${rest}`,
  };
}

/** The query of the target that was read last, with its '?', fit for a URI; '' if there is none. */
export function queryOf(head: RequestScanner, { queryFrom, queryTo }: Target): string {
  return encodeQuery(head.bytes.subarray(queryFrom, queryTo));
}

/** An address with the query of the request, unless it has one of its own; in front of a fragment. */
export function withQuery(location: string, query: string): string {
  if (location.includes('?')) return location;
  const fragmentAt = location.indexOf('#');
  return fragmentAt < 0 ? location + query : location.slice(0, fragmentAt) + query + location.slice(fragmentAt);
}
