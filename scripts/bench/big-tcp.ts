/**
 * Lets an interface carry super-segments beyond 64 KiB over IPv4 (BIG TCP, Linux 6.3 and later). The command
 * `ip link set … gso_ipv4_max_size` does the same, but only from iproute2 6.3 on, which Debian 12 does not have. One
 * rtnetlink request (man 7 rtnetlink):
 *
 *     nlmsghdr 16: length, type, flags, sequence, port | ifinfomsg 16: …, index at 4, … | attributes of 8: length, type, u32
 */
import koffi from 'koffi';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const RTM_SETLINK = 19;
const NLM_F_REQUEST_ACK = 0x05;
const HEADER_BYTES = 32;
const ATTRIBUTE_BYTES = 8;
/** IFLA_GSO_MAX_SIZE, IFLA_GRO_MAX_SIZE, IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_IPV4_MAX_SIZE of linux/if_link.h. */
const SIZE_ATTRIBUTES = [41, 58, 63, 64];

/** The request that sets all four limits of the interface with this index. Netlink is in the machine's byte order. */
export function setLimitsRequest(interfaceIndex: number, bytes: number): Buffer {
  const request = Buffer.alloc(HEADER_BYTES + ATTRIBUTE_BYTES * SIZE_ATTRIBUTES.length);
  request.writeUInt32LE(request.length, 0);
  request.writeUInt16LE(RTM_SETLINK, 4);
  request.writeUInt16LE(NLM_F_REQUEST_ACK, 6);
  request.writeInt32LE(interfaceIndex, 20);
  SIZE_ATTRIBUTES.forEach((type, i) => {
    const at = HEADER_BYTES + ATTRIBUTE_BYTES * i;
    request.writeUInt16LE(ATTRIBUTE_BYTES, at);
    request.writeUInt16LE(type, at + 2);
    request.writeUInt32LE(bytes, at + 4);
  });
  return request;
}

/** Sets the limits of an interface of this namespace; throws an Error with the kernel's errno if it refuses. */
export function raiseLimits(name: string, bytes: number): void {
  const libc = koffi.load('libc.so.6');
  const indexOf = libc.func('unsigned int if_nametoindex(const char *name)');
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const send = libc.func('long send(int fd, const void *data, size_t length, int flags)');
  const receive = libc.func('long recv(int fd, _Out_ void *data, size_t length, int flags)');
  const fd: number = socket(AF_NETLINK, SOCK_RAW, 0);
  const request = setLimitsRequest(indexOf(name) as number, bytes);
  const answer = Buffer.alloc(4096);
  if (fd < 0 || send(fd, request, request.length, 0) < 0 || receive(fd, answer, answer.length, 0) < 20) {
    throw new Error('no answer from rtnetlink');
  }
  const error = answer.readInt32LE(16); // nlmsgerr begins behind the header; 0 is an acknowledgement
  if (error !== 0) throw new Error(`rtnetlink: errno ${-error}`);
}
