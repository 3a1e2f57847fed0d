/** Brings the connection between a scripted peer and a stack into a state, along figure 5 of RFC 9293 section 3.3.2. */
import { type PeerOptions, type PeerSegment, ScriptedPeer } from './scripted-peer.js';

/** The states in which both sides know each other's numbers. */
export const SYNCHRONIZED = ['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK'] as const;

export type ReachableState = 'SYN-SENT' | 'SYN-RECEIVED' | 'TIME-WAIT' | (typeof SYNCHRONIZED)[number];

/** A peer whose connection is in `state`; nothing is left to be expected, and nothing but a FIN is unacknowledged. */
export function reach(
  state: ReachableState,
  options: PeerOptions = {},
  syn: PeerSegment = { mss: 1460 },
): ScriptedPeer {
  const peer = new ScriptedPeer(options);
  WAYS[state](peer, syn);
  if (peer.state !== state) peer.fail(`did not reach ${state} but ${peer.state}`);
  peer.expectNothing();
  return peer;
}

type Way = (peer: ScriptedPeer, syn: PeerSegment) => void;

const WAYS: Record<ReachableState, Way> = {
  'SYN-SENT': (peer) => {
    peer.connect();
    peer.expect('S', { seq: 0 });
  },
  'SYN-RECEIVED': (peer, syn) => {
    peer.send('S', { seq: 0, ...syn });
    peer.expect('S.', { seq: 0, ack: 1 });
  },
  ESTABLISHED: (peer, syn) => {
    peer.establish(syn);
  },
  'FIN-WAIT-1': (peer, syn) => {
    peer.establish(syn);
    peer.close();
    peer.expect('F.', { seq: 1, ack: 1 });
  },
  'FIN-WAIT-2': (peer, syn) => {
    WAYS['FIN-WAIT-1'](peer, syn);
    peer.send('.', { seq: 1, ack: 2 });
  },
  'CLOSE-WAIT': (peer, syn) => {
    peer.establish(syn);
    peer.send('F.', { seq: 1, ack: 1 });
    peer.expect('.', { seq: 1, ack: 2 });
  },
  CLOSING: (peer, syn) => {
    WAYS['FIN-WAIT-1'](peer, syn);
    peer.send('F.', { seq: 1, ack: 1 });
    peer.expect('.', { seq: 2, ack: 2 });
  },
  'LAST-ACK': (peer, syn) => {
    WAYS['CLOSE-WAIT'](peer, syn);
    peer.close();
    peer.expect('F.', { seq: 1, ack: 2 });
  },
  'TIME-WAIT': (peer, syn) => {
    WAYS['FIN-WAIT-2'](peer, syn);
    peer.send('F.', { seq: 1, ack: 2 });
    peer.expect('.', { seq: 2, ack: 2 });
  },
};
