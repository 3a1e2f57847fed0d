/** IEEE 802.2 LLC, and SNAP, which puts an EtherType behind it (RFC 1042). */
import type { Frame } from '../../frame.js';
import { etherTypeName } from './ether-types.js';

const LLC = 'IEEE 802.2 clause 3';
const SNAP = 'RFC 1042, "Header Format"';
const SNAP_SAP = 0xaa;
const UNNUMBERED_INFORMATION = 0x03;
const SNAP_BYTES = 8;

const SAPS: Readonly<Record<number, string>> = {
  0: 'none',
  6: 'IP',
  66: 'spanning tree',
  170: 'SNAP',
  224: 'NetWare',
  240: 'NetBIOS',
  254: 'OSI network layer',
  255: 'NetWare without LLC',
};

/** OUIs whose number behind them is an EtherType: RFC 1042, and IEEE 802.1H for tunnels of bridges. */
const ETHERTYPE_OUIS = [0x000000, 0x0000f8];

/** The LLC header of a frame with a length in place of a type, and SNAP (IEEE 802.2). */
export function dissectLlc(frame: Frame, from: number, to: number): void {
  const llc = frame.layer('llc', 'LLC', LLC, from, to);
  const dsap = llc.hex('llc.dsap', 0, 1, 'Destination SAP', sapName(llc.peek(0, 1)));
  llc.hex('llc.ssap', 1, 1, 'Source SAP', sapName(llc.peek(1, 1) & 0xfe));
  const control = llc.peek(2, 1);
  // Information and supervisory frames have a control field of two bytes.
  const controlBytes = (control & 3) === 3 ? 1 : 2;
  llc.hex(
    'llc.control',
    2,
    controlBytes,
    'Control',
    control === UNNUMBERED_INFORMATION ? 'a datagram' : 'an information or supervisory frame',
  );
  if (dsap === SNAP_SAP && control === UNNUMBERED_INFORMATION && llc.available >= SNAP_BYTES) {
    llc.cite = SNAP;
    const oui = llc.hex('llc.oui', 3, 3, 'Organisation', '0: the next number is an EtherType');
    const type = llc.peek(6, 2);
    if (ETHERTYPE_OUIS.includes(oui)) {
      llc.hex('llc.type', 6, 2, 'Type', etherTypeName(type));
      frame.carried.etherType(frame, type, from + SNAP_BYTES, to);
      return;
    }
    llc.hex('llc.pid', 6, 2, 'Protocol', 'defined by the organisation');
    frame.say(`SNAP, oui 0x${oui.toString(16).padStart(6, '0')}, length ${to - from}`);
    frame.data(from + SNAP_BYTES, to, 'SNAP data');
    return;
  }
  frame.say(`LLC, dsap ${sapName(dsap)}, length ${to - from}`);
  frame.data(from + 2 + controlBytes, to, 'LLC data');
}

function sapName(sap: number): string {
  return SAPS[sap] ?? `0x${sap.toString(16).padStart(2, '0')}`;
}
