/**
 * Links and addresses of this machine as the kernel lists them: rtnetlink(7), spoken over a plain socket. It answers in
 * the network namespace of this process, and it shows interfaces that are down or have no carrier, which the C
 * library's getifaddrs (and so `os.networkInterfaces`) leaves out.
 *
 * Only what serving needs: the links with their masters, all addresses, and making a link a port of a bridge.
 * Reading works for every user; setting needs CAP_NET_ADMIN. Numbers are in the machine's order (little-endian).
 *
 * Callers: src/serve (the view of the machine, set-up, the watch over the interface).
 */
import { IpAddress, IpNetwork } from '../wire/address.js';
import { AF_INET, AF_INET6, addressOf, check, SystemError, sys } from './libc.js';
import { changeError } from './tap-error.js';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0x80000;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_GETADDR = 22;
const NLM_F_REQUEST = 0x1;
const NLM_F_ACK = 0x4;
const NLM_F_DUMP = 0x300;

const IFLA_IFNAME = 3;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;

/** `struct nlmsghdr`: length, type, flags, sequence number, port. */
const HEADER_BYTES = 16;
/** `struct ifinfomsg`: family, type, index, flags, change mask. */
const LINK_BYTES = 16;
/** `struct ifaddrmsg`: family, prefix length, flags, scope, index. */
const ADDRESS_BYTES = 8;
/** The kernel fills at most 32 KiB a read. */
const RECEIVE_BYTES = 65_536;

/** An interface. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** The number of the bridge (or bond) that it is a port of; undefined: none. */
  readonly master: number | undefined;
  /** The kernel's word for a virtual link: `bridge`, `tun`, `veth` …; undefined for hardware. */
  readonly kind: string | undefined;
}

/** An address of the machine, on the interface with this number. */
export interface LinkAddress {
  readonly index: number;
  readonly network: IpNetwork;
}

/** All interfaces, also those that are down. @throws {SystemError} */
export function readLinks(): Link[] {
  const links: Link[] = [];
  for (const message of dump(RTM_GETLINK, LINK_BYTES)) {
    if (message.type !== RTM_NEWLINK) continue;
    const link = parseLink(message.body);
    if (link !== undefined) links.push(link);
  }
  return links;
}

/** All addresses of both families, also those of interfaces that are down. @throws {SystemError} */
export function readLinkAddresses(): LinkAddress[] {
  const addresses: LinkAddress[] = [];
  for (const message of dump(RTM_GETADDR, ADDRESS_BYTES)) {
    if (message.type !== RTM_NEWADDR) continue;
    const address = parseAddress(message.body);
    if (address !== undefined) addresses.push(address);
  }
  return addresses;
}

/**
 * Makes the link with number `index` a port of the bridge with number `master`; 0 takes it out of its bridge.
 * `what` names the change in an error: "make fp0 a port of br0". @throws {TapError}
 */
export function setMaster(index: number, master: number, what: string): void {
  const request = new Uint8Array(HEADER_BYTES + LINK_BYTES + 8);
  const view = new DataView(request.buffer);
  writeHeader(view, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK);
  view.setInt32(HEADER_BYTES + 4, index, true);
  const attribute = HEADER_BYTES + LINK_BYTES;
  view.setUint16(attribute, 8, true);
  view.setUint16(attribute + 2, IFLA_MASTER, true);
  view.setInt32(attribute + 4, master, true);
  try {
    for (const _acknowledgement of exchange(request)) break;
  } catch (error) {
    throw error instanceof SystemError ? changeError(what, error) : error;
  }
}

interface Message {
  readonly type: number;
  readonly body: Uint8Array;
}

/** Asks for all objects of a kind; `bodyBytes` is the size of the kind's fixed header. */
function dump(type: number, bodyBytes: number): Generator<Message> {
  const request = new Uint8Array(HEADER_BYTES + bodyBytes);
  writeHeader(new DataView(request.buffer), type, NLM_F_REQUEST | NLM_F_DUMP);
  return exchange(request);
}

function writeHeader(view: DataView, type: number, flags: number): void {
  view.setUint32(0, view.byteLength, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, 1, true);
}

/** Sends a request and yields what is answered, up to the end of the list. @throws {SystemError} if it is refused. */
function* exchange(request: Uint8Array): Generator<Message> {
  const fd = check(sys.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0), 'socket');
  const buffer = new Uint8Array(RECEIVE_BYTES);
  try {
    check(sys.write(fd, addressOf(request), request.length), 'write');
    for (;;) {
      const received = check(sys.read(fd, addressOf(buffer), buffer.length), 'read');
      for (const message of parseMessages(buffer.subarray(0, received))) {
        if (message.type === NLMSG_DONE) return;
        yield message;
        if (message.type === NLMSG_ERROR) return;
      }
    }
  } finally {
    sys.close(fd);
  }
}

function* parseMessages(bytes: Uint8Array): Generator<Message> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < HEADER_BYTES || at + length > bytes.length) return;
    const type = view.getUint16(at + 4, true);
    const errno = type === NLMSG_ERROR ? -view.getInt32(at + HEADER_BYTES, true) : 0;
    if (errno !== 0) throw new SystemError('rtnetlink', errno);
    yield { type, body: bytes.subarray(at + HEADER_BYTES, at + length) };
    at += aligned(length);
  }
}

function parseLink(body: Uint8Array): Link | undefined {
  if (body.length < LINK_BYTES) return undefined;
  const attributes = parseAttributes(body, LINK_BYTES);
  const name = attributes.get(IFLA_IFNAME);
  if (name === undefined) return undefined;
  const master = attributes.get(IFLA_MASTER);
  const info = attributes.get(IFLA_LINKINFO);
  const kind = info && parseAttributes(info, 0).get(IFLA_INFO_KIND);
  return {
    index: viewOf(body).getInt32(4, true),
    name: textOf(name),
    master: master && viewOf(master).getInt32(0, true),
    kind: kind && textOf(kind),
  };
}

function parseAddress(body: Uint8Array): LinkAddress | undefined {
  const [family, prefixLength] = body;
  if (body.length < ADDRESS_BYTES || prefixLength === undefined) return undefined;
  const attributes = parseAttributes(body, ADDRESS_BYTES);
  // On a link between two points IFA_ADDRESS is the other end (rtnetlink(7)).
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  const length = family === AF_INET ? 4 : family === AF_INET6 ? 16 : undefined;
  if (bytes === undefined || bytes.length !== length) return undefined;
  const address = family === AF_INET ? IpAddress.readV4(bytes, 0) : IpAddress.readV6(bytes, 0);
  return { index: viewOf(body).getInt32(4, true), network: new IpNetwork(address, prefixLength) };
}

/** `struct rtattr`: length with this header, type, value; each begins at a multiple of four. */
function parseAttributes(bytes: Uint8Array, from: number): Map<number, Uint8Array> {
  const view = viewOf(bytes);
  const attributes = new Map<number, Uint8Array>();
  for (let at = from; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > bytes.length) break;
    attributes.set(view.getUint16(at + 2, true) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += aligned(length);
  }
  return attributes;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A string of C: up to its zero. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
