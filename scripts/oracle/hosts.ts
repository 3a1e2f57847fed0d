/** The hosts around the oracle's stack: their addresses, their Ethernet addresses, and how they answer ARP and NDP. */
import { IpAddress, parseMac } from '../../src/net/wire/address.js';
import { arp, concat, ethernet, hexMac, icmpv6, ipv6, readArp, readIp } from '../../test/support/packets.js';
import type { Choices } from './choices.js';
import { type Setup, STACK_ADDRESSES } from './setup.js';
import type { SentFrame } from './world.js';

const ARP = 0x06;
const ICMPV6 = 58;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
const GATEWAY_MAC = '02:fa:57:00:00:99';

export interface Host {
  readonly address: IpAddress;
  readonly mac: Uint8Array;
}

/** The clock of a peer's timestamps: it has its own start for each port. */
export function offsetOf(port: number): number {
  return Math.imul(port, 0x9e3779b1) | 0;
}

export class Hosts {
  readonly #texts = ['10.0.0.10', '10.0.0.11', '10.0.0.12', '192.168.5.7', 'fd00::10', 'fd00::11'];
  readonly #hosts: readonly Host[];
  /** The last byte of Ethernet addresses: it changes when a host gets another card. */
  readonly #cards = new Map<string, number>();
  readonly #speaksV6: boolean;
  /** The tag of frames to the stack: the id of its virtual LAN; -1: none. */
  readonly tag: number;

  constructor({ addresses, internet }: Setup) {
    this.#speaksV6 = addresses.length > 1;
    this.tag = internet.vlan ?? -1;
    this.#hosts = this.#texts.map((text) => ({ address: IpAddress.parse(text), mac: parseMac(this.#macText(text)) }));
  }

  choose(choices: Choices): Host {
    return choices.of(this.#speaksV6 ? this.#hosts : this.#hosts.filter(({ address }) => address.isV4));
  }

  stackAddress(isV4: boolean): IpAddress {
    const address = STACK_ADDRESSES.find((own) => own.isV4 === isV4);
    if (address === undefined) throw new Error('no such address');
    return address;
  }

  macOf(address: IpAddress): Uint8Array {
    return parseMac(this.#macText(address.toString()));
  }

  /** A host has another card from now on, and says so. Returns the frame. */
  changeCard(choices: Choices): Uint8Array {
    const text = choices.of(['10.0.0.10', '10.0.0.11', '10.0.0.12']);
    this.#cards.set(text, choices.between(0x50, 0x5f));
    const senderMac = this.#macText(text);
    return ethernet(
      'ff:ff:ff:ff:ff:ff',
      senderMac,
      0x0806,
      arp({ operation: 1, senderMac, sender: text, target: text }),
    );
  }

  /** The answer to what the stack has sent, if it asked for an Ethernet address. */
  answerTo({ bytes }: SentFrame): Uint8Array | undefined {
    if (bytes[12] === 0x08 && bytes[13] === ARP) return this.#answerArp(bytes);
    if (bytes[12] === 0x86 && bytes[20] === ICMPV6) return this.#answerSolicitation(bytes);
    return undefined;
  }

  #answerArp(bytes: Uint8Array): Uint8Array | undefined {
    const { operation, target, sender } = readArp(bytes);
    if (operation !== 1 || target === sender || STACK_ADDRESSES.some((own) => own.toString() === target)) {
      return undefined;
    }
    const senderMac = this.#macText(target);
    const targetMac = hexMac(bytes, 22);
    return ethernet(
      targetMac,
      senderMac,
      0x0806,
      arp({ operation: 2, senderMac, sender: target, targetMac, target: sender }),
    );
  }

  #answerSolicitation(bytes: Uint8Array): Uint8Array | undefined {
    const { payload, source } = readIp(bytes);
    if (payload[0] !== SOLICITATION || source === '::') return undefined;
    const target = payload.subarray(8, 24);
    const host = this.#hosts.find(({ address }) => {
      const own = new Uint8Array(16);
      address.writeV6(own, 0);
      return Buffer.from(own).equals(target);
    });
    if (host === undefined) return undefined;
    const text = host.address.toString();
    const mac = this.#macText(text);
    const option = [2, 1, ...parseMac(mac)];
    const message = icmpv6(text, source, ADVERTISEMENT, 0, 0x60000000, concat(target, option));
    const packet = ipv6({ source: text, destination: source, next: ICMPV6, hopLimit: 255, payload: message });
    return ethernet(hexMac(bytes, 6), mac, 0x86dd, packet);
  }

  #macText(text: string): string {
    if (text === '192.168.5.7' || text === '10.0.0.1') return GATEWAY_MAC;
    const card = this.#cards.get(text) ?? 0x10 + this.#texts.indexOf(text);
    return `02:fa:57:00:01:${card.toString(16).padStart(2, '0')}`;
  }
}
