/** Questions about the server itself, in class CH: RFC 4892. They are refused unless an answer is set. */
import { Answer, emptyAnswer, KIND } from '../answer/answer.js';
import { nameText } from '../wire/name.js';
import type { Query } from '../wire/query.js';
import { FLAG, RCODE, TYPE } from '../wire/types.js';
import type { DnsSettings } from './settings.js';

/** The answer to version.bind, version.server, hostname.bind or id.server. */
export function chaosAnswer(query: Query, { version, identity }: DnsSettings): Answer {
  const name = nameText(query.bytes, query.nameAt).toLowerCase();
  const isVersion = name === 'version.bind.' || name === 'version.server.';
  const isIdentity = name === 'hostname.bind.' || name === 'id.server.';
  const text = isVersion ? version : isIdentity ? identity : undefined;
  if (text === undefined || (query.type !== TYPE.TXT && query.type !== TYPE.ANY)) return emptyAnswer(RCODE.REFUSED);
  const data = Uint8Array.from([...text].slice(0, 255), (character) => character.charCodeAt(0) & 0xff);
  // The owner is the question's: a pointer to it. Type TXT, class CH, TTL 0.
  const head = [0xc0, 12, 0, TYPE.TXT, 0, 3, 0, 0, 0, 0, 0, data.length + 1, data.length];
  return new Answer({
    flags: FLAG.AA,
    kind: KIND.ANSWER,
    records: Uint8Array.from([...head, ...data]),
    answers: 1,
    authorities: 0,
    essential: head.length + data.length,
    ends: [],
    counts: [],
    requiredSets: 0,
  });
}
