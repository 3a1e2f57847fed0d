/**
 * A zone as its records make it: grouped by owner and type, and checked. RFC 1034 section 4.2, RFC 2181 section 5
 * (sets of records), RFC 5155 section 7.1 (the owners of NSEC3 stand apart).
 */
import type { MasterRecord } from '../master/parser.js';
import { type Problem, problemText } from '../master/problem.js';
import { isWithin, nameText, toLower } from '../wire/name.js';
import { TYPE, typeName } from '../wire/types.js';

/** Records of one owner and type: RFC 2181 section 5. */
export interface RecordSet {
  readonly type: number;
  /** Seconds: the lowest of its records. */
  ttl: number;
  readonly data: Uint8Array[];
  readonly signatures: Uint8Array[];
  signatureTtl: number;
  /** The place of the first record. */
  readonly file: string;
  readonly line: number;
}

/** An owner with its sets, by type. */
export interface Owner {
  /** In the case of the file. */
  readonly name: Uint8Array;
  readonly sets: Map<number, RecordSet>;
}

/** A zone that can be served if `errors` is empty. */
export interface ZoneDraft {
  readonly apex: Uint8Array;
  /** By name in lower case, one character a byte. */
  readonly owners: Map<string, Owner>;
  /** The owners of NSEC3, which are no names to be asked for. */
  readonly hashed: Map<string, Owner>;
  readonly errors: Problem[];
  readonly warnings: Problem[];
}

/** More warnings are counted and not kept. */
const MOST_WARNINGS = 20;

/** The key of a name in `owners`. */
export function keyOf(name: Uint8Array): string {
  let key = '';
  for (const byte of toLower(name)) key += String.fromCharCode(byte);
  return key;
}

/** Puts the records of a zone together. */
export function draftZone(apex: Uint8Array, records: readonly MasterRecord[], file: string): ZoneDraft {
  const draft: ZoneDraft = { apex, owners: new Map(), hashed: new Map(), errors: [], warnings: [] };
  const signatures = records.filter(({ type }) => type === TYPE.RRSIG);
  for (const record of records) if (record.type !== TYPE.RRSIG) addRecord(draft, record);
  for (const record of signatures) addSignature(draft, record);
  checkApex(draft, file);
  for (const owner of [...draft.owners.values()]) checkOwner(draft, owner);
  checkNsec3(draft, file);
  return draft;
}

function addRecord(draft: ZoneDraft, record: MasterRecord): void {
  const { owner: name, type, ttl, data, file, line } = record;
  const owner = ownerOf(type === TYPE.NSEC3 ? draft.hashed : draft.owners, name);
  const set = owner.sets.get(type);
  if (set === undefined) {
    owner.sets.set(type, { type, ttl, data: [data], signatures: [], signatureTtl: 0, file, line });
    return;
  }
  if (ttl !== set.ttl) {
    const text = `the ${typeName(type)} records of ${nameText(name)} have different TTLs: the lowest counts`;
    warn(draft, { file, line, message: text });
    set.ttl = Math.min(ttl, set.ttl);
  }
  if (!set.data.some((other) => sameData(other, data))) set.data.push(data);
}

/** A signature belongs to the set that it covers: RFC 4034 section 3.1.1. */
function addSignature(draft: ZoneDraft, { owner: name, ttl, data, file, line }: MasterRecord): void {
  const covered = (data[0]! << 8) | data[1]!;
  const owner = (covered === TYPE.NSEC3 ? draft.hashed : draft.owners).get(keyOf(name));
  const set = owner?.sets.get(covered);
  if (set === undefined) {
    const text = `this RRSIG covers ${typeName(covered)} of ${nameText(name)}, which is not there: it is left out`;
    warn(draft, { file, line, message: text });
    return;
  }
  set.signatures.push(data);
  set.signatureTtl = set.ttl === ttl ? ttl : Math.min(set.ttl, ttl);
}

function ownerOf(owners: Map<string, Owner>, name: Uint8Array): Owner {
  const key = keyOf(name);
  const known = owners.get(key);
  if (known !== undefined) return known;
  const owner: Owner = { name, sets: new Map() };
  owners.set(key, owner);
  return owner;
}

/** RFC 1034 section 4.2.1: one SOA, and the servers of the zone. */
function checkApex({ apex, owners, errors }: ZoneDraft, file: string): void {
  const top = owners.get(keyOf(apex));
  const soa = top?.sets.get(TYPE.SOA);
  const name = nameText(apex);
  if (soa === undefined) {
    errors.push({ file, line: 0, message: `${name} has no SOA: write "@ SOA ns1 hostmaster 1 3600 600 604800 300"` });
  } else if (soa.data.length > 1) {
    errors.push({ file: soa.file, line: soa.line, message: `${name} has ${soa.data.length} SOA records: leave one` });
  }
  if (top?.sets.has(TYPE.NS) !== true) {
    errors.push({ file, line: 0, message: `${name} has no NS: write a line like "@ NS ns1" for each of its servers` });
  }
}

/** Types that may stand beside a CNAME: RFC 4034 section 2.5. */
const BESIDE_CNAME: readonly number[] = [TYPE.CNAME, TYPE.NSEC, TYPE.KEY];

function checkOwner(draft: ZoneDraft, { name, sets }: Owner): void {
  const { errors, apex } = draft;
  const text = nameText(name);
  const fault = (type: number, message: string) => {
    const { file, line } = sets.get(type) ?? { file: '', line: 0 };
    errors.push({ file, line, message });
  };
  const isApex = name.length === apex.length;
  if (!isApex && sets.has(TYPE.SOA)) fault(TYPE.SOA, `${text} has a SOA, which belongs to ${nameText(apex)} alone`);
  const alias = sets.get(TYPE.CNAME);
  if (alias !== undefined) {
    if (alias.data.length > 1) fault(TYPE.CNAME, `${text} has ${alias.data.length} CNAME records: leave one`);
    const other = [...sets.keys()].find((type) => !BESIDE_CNAME.includes(type));
    if (other !== undefined) fault(other, `${text} has ${typeName(other)} beside CNAME: a CNAME stands alone`);
  }
  const redirection = sets.get(TYPE.DNAME);
  if (redirection !== undefined && redirection.data.length > 1) {
    fault(TYPE.DNAME, `${text} has ${redirection.data.length} DNAME records: leave one`);
  }
  if (redirection !== undefined && sets.has(TYPE.NS) && !isApex) {
    fault(TYPE.DNAME, `${text} has DNAME and NS: a name is redirected or delegated, not both`);
  }
  if (sets.has(TYPE.NS) && !isApex) checkGlue(draft, sets.get(TYPE.NS)!);
}

/** RFC 1034 section 4.2.1: a server whose name is within the delegated zone is found only by its glue. */
function checkGlue(draft: ZoneDraft, servers: RecordSet): void {
  for (const server of servers.data) {
    if (!isWithin(server, draft.apex)) continue;
    const sets = draft.owners.get(keyOf(server))?.sets;
    if (sets?.has(TYPE.A) === true || sets?.has(TYPE.AAAA) === true || sets?.has(TYPE.CNAME) === true) continue;
    const { file, line } = servers;
    if (hasWildcard(draft, server)) continue;
    warn(draft, {
      file,
      line,
      message: `the server ${nameText(server)} has no address in this zone: write its A or AAAA`,
    });
  }
}

function hasWildcard({ apex, owners }: ZoneDraft, name: Uint8Array): boolean {
  for (let at = name[0]! + 1; name.length - at >= apex.length; at += name[at]! + 1) {
    if (owners.has(`\x01*${keyOf(name.subarray(at))}`)) return true;
  }
  return false;
}

/** RFC 5155 section 4: the parameters at the apex say which chain is served. */
function checkNsec3({ apex, owners, hashed, errors }: ZoneDraft, file: string): void {
  if (hashed.size === 0) return;
  const parameters = owners.get(keyOf(apex))?.sets.get(TYPE.NSEC3PARAM);
  if (parameters === undefined) {
    errors.push({ file, line: 0, message: 'there are NSEC3 records and no NSEC3PARAM: sign the zone again' });
    return;
  }
  for (const data of parameters.data) {
    const iterations = (data[2]! << 8) | data[3]!;
    if (data[0] !== 1) errors.push(at(parameters, `NSEC3PARAM: hash algorithm ${data[0]} is unknown; 1 is SHA-1`));
    if (iterations > MOST_ITERATIONS) {
      errors.push(
        at(parameters, `NSEC3PARAM: ${iterations} iterations; sign with 0 (RFC 9276), ${MOST_ITERATIONS} at most`),
      );
    }
  }
}

/** Above this, resolvers treat the zone as unsigned or broken (RFC 9276 section 3.2), and each miss costs us more. */
export const MOST_ITERATIONS = 150;

function at({ file, line }: RecordSet, message: string): Problem {
  return { file, line, message };
}

function warn({ warnings }: ZoneDraft, problem: Problem): void {
  if (warnings.length < MOST_WARNINGS) warnings.push(problem);
}

function sameData(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** All that is wrong, a line each. */
export function problemLines(problems: readonly Problem[]): string {
  return problems.map(problemText).join('\n');
}
