/** Where a connection was seen, for people. */

/** The name of an interface: that of the capture, or its number, and the device of a cooked capture. */
export function placeName(seenAt: string, name: string | undefined): string {
  return name === undefined ? seenAt : seenAt.replace(/^\d+/, () => name);
}
