/**
 * The host's side of the wire: an interface of this machine, seen and set through ioctls of an ordinary socket
 * (netdevice(7)), so that no `ip` program is needed. Reading works for every user, setting needs CAP_NET_ADMIN.
 *
 * Every question goes to the kernel, in the network namespace of this process, and no answer is kept: another program
 * may change the interface at any time. (/sys/class/net shows the namespace it was mounted in, which may be
 * another one; it is read only for the owner, and only if it speaks of the same interface.)
 *
 * Callers: tap.ts, the CLI (set-up, doctor, clean-up), tests.
 */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { IpAddress, IpNetwork } from '../wire/address.js';
import { AF_INET, AF_INET6, addressOf, check, ENODEV, lastErrno, SOCK_DGRAM, SystemError, sys } from './libc.js';
import { readLinkAddresses, readLinks, setMaster } from './rtnetlink.js';
import { changeError } from './tap-error.js';
import { InterfaceRequest, REQUEST_AT } from './tun-ioctl.js';

const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const SIOCGIFADDR = 0x8915;
const SIOCSIFADDR = 0x8916;
const SIOCDIFADDR = 0x8936;
const SIOCGIFNETMASK = 0x891b;
const SIOCSIFNETMASK = 0x891c;
const SIOCGIFMTU = 0x8921;
const SIOCSIFMTU = 0x8922;
const SIOCGIFHWADDR = 0x8927;
const SIOCGIFINDEX = 0x8933;
const SIOCSIFTXQLEN = 0x8943;
const SIOCETHTOOL = 0x8946;
const ETHTOOL_GDRVINFO = 3;

const IFF_UP = 0x1;
const IFF_RUNNING = 0x40;

/**
 * The kind of an interface.
 *
 * @example
 * ```ts
 * import { HostInterface, type InterfaceKind } from 'fastpath';
 *
 * const kind: InterfaceKind | undefined = new HostInterface('eth0').kind;
 * console.log(kind === 'tap' ? 'fastpath can use it' : 'it is no TAP');
 * ```
 */
export type InterfaceKind = 'tap' | 'tun' | 'other';

/**
 * A process that holds a tun descriptor open.
 *
 * @example
 * ```ts
 * import { HostInterface } from 'fastpath';
 *
 * for (const { pid, command } of new HostInterface('fp0').users()) console.log(pid, command);
 * ```
 */
export interface InterfaceUser {
  pid: number;
  command: string;
}

/**
 * An interface of this machine, by name. Setting needs CAP_NET_ADMIN.
 * @throws {TapError} from every method that the kernel refuses.
 *
 * @example
 * ```ts
 * import { HostInterface, IpNetwork } from 'fastpath';
 *
 * const host = new HostInterface('fp0'); // this machine's end of a TAP
 * if (host.exists) {
 *   host.addAddress(IpNetwork.parse('10.77.0.1/24'));
 *   host.up();
 *   console.log(host.mtu, host.networks.join(', '));
 * }
 * ```
 */
export class HostInterface {
  constructor(readonly name: string) {}

  /** The kernel's number of the interface, or undefined if there is none of this name. */
  get index(): number | undefined {
    const request = new InterfaceRequest(this.name);
    const errno = this.#try(SIOCGIFINDEX, request);
    if (errno === ENODEV) return undefined;
    if (errno !== 0) throw changeError(`look up ${this.name}`, new SystemError('ioctl', errno));
    return request.view.getInt32(REQUEST_AT, true);
  }

  get exists(): boolean {
    return this.index !== undefined;
  }

  /** The driver behind the name, by its ethtool information; undefined if there is no such interface. */
  get kind(): InterfaceKind | undefined {
    if (!this.exists) return undefined;
    const info = new Uint8Array(196);
    new DataView(info.buffer).setUint32(0, ETHTOOL_GDRVINFO, true);
    const request = new InterfaceRequest(this.name);
    request.view.setBigUint64(REQUEST_AT, BigInt(addressOf(info)), true);
    if (this.#try(SIOCETHTOOL, request) !== 0 || text(info, 4, 32) !== 'tun') return 'other';
    // struct ethtool_drvinfo: command, driver[32], version[32], fw_version[32], bus_info[32]; tun names its mode there.
    return text(info, 100, 32) === 'tap' ? 'tap' : 'tun';
  }

  /** The largest IP packet, bytes. */
  get mtu(): number {
    return this.#ask(SIOCGIFMTU, 'read the MTU of').view.getInt32(REQUEST_AT, true);
  }

  /** Sets the largest IP packet, bytes. @throws {TapError} */
  setMtu(bytes: number): void {
    const request = new InterfaceRequest(this.name);
    request.view.setInt32(REQUEST_AT, bytes, true);
    this.#change(SIOCSIFMTU, request, `set the MTU of ${this.name} to ${bytes}`);
  }

  /** How many frames may wait in the kernel for us to read them (`txqueuelen`); a TAP begins with 1,000. */
  setQueueLength(frames: number): void {
    const request = new InterfaceRequest(this.name);
    request.view.setInt32(REQUEST_AT, frames, true);
    this.#change(SIOCSIFTXQLEN, request, `set the queue of ${this.name} to ${frames} frames`);
  }

  /** The host's own Ethernet address on this interface. */
  get mac(): Uint8Array {
    return this.#ask(SIOCGIFHWADDR, 'read the Ethernet address of').bytes.slice(REQUEST_AT + 2, REQUEST_AT + 8);
  }

  /** An administrator, or we, have set it up. */
  get isUp(): boolean {
    return (this.#flags & IFF_UP) !== 0;
  }

  /** Up, and for a TAP: a process is attached to its other side. */
  get isRunning(): boolean {
    return (this.#flags & IFF_RUNNING) !== 0;
  }

  up(): void {
    this.#setFlags(this.#flags | IFF_UP, 'up');
  }

  down(): void {
    this.#setFlags(this.#flags & ~IFF_UP, 'down');
  }

  /** The first IPv4 address, or undefined. */
  get address(): IpAddress | undefined {
    const request = new InterfaceRequest(this.name);
    return this.#try(SIOCGIFADDR, request) === 0 ? IpAddress.readV4(request.bytes, REQUEST_AT + 4) : undefined;
  }

  /** The first IPv4 address with its network, also of an interface that is down or has no peer; or undefined. */
  get network(): IpNetwork | undefined {
    const address = this.address;
    const request = new InterfaceRequest(this.name);
    if (address === undefined || this.#try(SIOCGIFNETMASK, request) !== 0) return undefined;
    return new IpNetwork(address, Math.clz32(~request.view.getInt32(REQUEST_AT + 4)));
  }

  /** All addresses, both families, also of an interface that is down. */
  get networks(): IpNetwork[] {
    const index = this.index;
    return readLinkAddresses().flatMap((each) => (each.index === index ? [each.network] : []));
  }

  /** The bridge that this interface is a port of; undefined: none. */
  get bridge(): string | undefined {
    const links = readLinks();
    const master = links.find(({ name }) => name === this.name)?.master;
    return links.find(({ index, kind }) => index === master && kind === 'bridge')?.name;
  }

  /** Makes the interface a port of a bridge, or of none. @throws {TapError} `no-privilege`, `no-interface` … */
  setBridge(name: string | undefined): void {
    const what = name === undefined ? `take ${this.name} out of its bridge` : `make ${this.name} a port of ${name}`;
    const master = name === undefined ? 0 : new HostInterface(name).index;
    if (master === undefined) throw changeError(what, new SystemError('rtnetlink', ENODEV));
    setMaster(this.index ?? 0, master, what);
  }

  /** Gives the interface an address and the route to its network. An IPv4 address replaces the one before. */
  addAddress(network: IpNetwork): void {
    if (network.address.isV4) this.#setV4(network);
    else this.#changeV6(network, SIOCSIFADDR, 'give');
  }

  /** Takes an address away again. */
  removeAddress(network: IpNetwork): void {
    if (network.address.isV4) this.#setV4(new IpNetwork(IpAddress.v4(0), 32));
    else this.#changeV6(network, SIOCDIFADDR, 'take');
  }

  /** Keeps the host from speaking IPv6 here by itself (router solicitations, MLD …); false if it knows no IPv6. */
  disableIpv6(disabled = true): boolean {
    try {
      writeFileSync(`/proc/sys/net/ipv6/conf/${this.name}/disable_ipv6`, disabled ? '1' : '0');
      return true;
    } catch {
      return false;
    }
  }

  /** The user who may attach to a persistent TAP without privilege, or undefined if none is named or known. */
  get owner(): number | undefined {
    const owner = this.#sysfs('owner');
    return owner === undefined || owner < 0 ? undefined : owner;
  }

  /** The processes attached to a tun or TAP interface, as far as this user may see them. */
  users(): InterfaceUser[] {
    return tunUsers(this.name);
  }

  #sysfs(file: string): number | undefined {
    try {
      const read = (name: string) => Number(readFileSync(`/sys/class/net/${this.name}/${name}`, 'utf8'));
      return read('ifindex') === this.index ? read(file) : undefined;
    } catch {
      return undefined;
    }
  }

  get #flags(): number {
    return this.#ask(SIOCGIFFLAGS, 'read the state of').view.getUint16(REQUEST_AT, true);
  }

  #setFlags(flags: number, what: string): void {
    const request = new InterfaceRequest(this.name);
    request.view.setUint16(REQUEST_AT, flags, true);
    this.#change(SIOCSIFFLAGS, request, `set ${this.name} ${what}`);
  }

  #setV4(network: IpNetwork): void {
    const what = `give ${this.name} the address ${network}`;
    const request = new InterfaceRequest(this.name);
    writeSockaddr(request, network.address.word3);
    this.#change(SIOCSIFADDR, request, what);
    if (network.address.isUnspecified) return;
    writeSockaddr(request, network.prefixLength === 0 ? 0 : -1 << (32 - network.prefixLength));
    this.#change(SIOCSIFNETMASK, request, what);
  }

  /** `struct in6_ifreq`: 16 bytes of address, 32-bit prefix length, 32-bit index. */
  #changeV6(network: IpNetwork, operation: number, verb: string): void {
    const request = new Uint8Array(24);
    network.address.writeV6(request, 0);
    const view = new DataView(request.buffer);
    view.setUint32(16, network.prefixLength, true);
    view.setInt32(20, this.index ?? 0, true);
    const errno = withSocket(AF_INET6, (fd) => ioctlErrno(fd, operation, addressOf(request)));
    if (errno !== 0) throw changeError(`${verb} ${this.name} the address ${network}`, new SystemError('ioctl', errno));
  }

  #ask(operation: number, what: string): InterfaceRequest {
    const request = new InterfaceRequest(this.name);
    this.#change(operation, request, `${what} ${this.name}`);
    return request;
  }

  #change(operation: number, request: InterfaceRequest, what: string): void {
    const errno = this.#try(operation, request);
    if (errno !== 0) throw changeError(what, new SystemError('ioctl', errno));
  }

  /** 0, or the error's number. */
  #try(operation: number, request: InterfaceRequest): number {
    return withSocket(AF_INET, (fd) => ioctlErrno(fd, operation, request.address));
  }
}

function ioctlErrno(fd: number, operation: number, argument: number): number {
  return sys.ioctl(fd, operation, argument) < 0 ? lastErrno() : 0;
}

function withSocket<Result>(family: number, use: (fd: number) => Result): Result {
  const fd = check(sys.socket(family, SOCK_DGRAM, 0), 'socket');
  try {
    return use(fd);
  } finally {
    sys.close(fd);
  }
}

/** `struct sockaddr_in`: family in host order, port, address. */
function writeSockaddr(request: InterfaceRequest, address: number): void {
  request.view.setUint16(REQUEST_AT, AF_INET, true);
  request.view.setUint16(REQUEST_AT + 2, 0);
  request.view.setInt32(REQUEST_AT + 4, address);
}

function text(bytes: Uint8Array, from: number, length: number): string {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(field.subarray(0, end < 0 ? length : end));
}

/** The tun driver writes the interface's name (`iff:`) into /proc/PID/fdinfo/FD of each descriptor attached to it. */
function tunUsers(name: string): InterfaceUser[] {
  const users: InterfaceUser[] = [];
  const namespace = readLink('/proc/self/ns/net');
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    if (readLink(`/proc/${pid}/ns/net`) !== namespace || !holdsTun(pid, name)) continue;
    users.push({ pid: Number(pid), command: readText(`/proc/${pid}/comm`).trim() });
  }
  return users;
}

function holdsTun(pid: string, name: string): boolean {
  const tail = new RegExp(`^iff:\\s*${name.replace(/[^\w]/g, '\\$&')}$`, 'm');
  return readNames(`/proc/${pid}/fd`).some(
    (fd) => readLink(`/proc/${pid}/fd/${fd}`) === '/dev/net/tun' && tail.test(readText(`/proc/${pid}/fdinfo/${fd}`)),
  );
}

/** A process may end while we look, or belong to another user: then there is nothing to see. */
function orElse<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

const readNames = (path: string) => orElse(() => readdirSync(path), []);
const readLink = (path: string) => orElse(() => readlinkSync(path), '');
const readText = (path: string) => orElse(() => readFileSync(path, 'utf8'), '');
