/** The bounds of the next segment. `measure` in output.ts works them out once for each; one object is used again. */
export class SendRoom {
  /** Bytes that are queued and have never been sent. */
  unsent = 0;
  /** The payload of a full segment, less the options that it would carry now. */
  segment = 0;
  /** The most payload in one frame: a segment, or with offload many. */
  frame = 0;
  /** How much the peer's window still takes from SND.NXT on; less than 0 if the window has shrunk. */
  window = 0;
  /** How much cwnd still takes, and cwnd itself. */
  congestion = 0;
  cwnd = 0;
}
