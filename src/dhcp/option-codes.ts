/** The numbers of DHCP: message types (RFC 2132 section 9.6), options, ports, and where the fixed fields lie. */

export const CLIENT_PORT = 68;
export const SERVER_PORT = 67;

export const MESSAGE = {
  DISCOVER: 1,
  OFFER: 2,
  REQUEST: 3,
  DECLINE: 4,
  ACK: 5,
  NAK: 6,
  RELEASE: 7,
} as const;

export type MessageType = (typeof MESSAGE)[keyof typeof MESSAGE];

/** The options that this client sends or reads: RFC 2132, RFC 3442 (121). */
export const OPTION = {
  PAD: 0,
  SUBNET_MASK: 1,
  ROUTER: 3,
  DNS_SERVERS: 6,
  HOST_NAME: 12,
  DOMAIN_NAME: 15,
  INTERFACE_MTU: 26,
  REQUESTED_ADDRESS: 50,
  LEASE_TIME: 51,
  OVERLOAD: 52,
  MESSAGE_TYPE: 53,
  SERVER_IDENTIFIER: 54,
  PARAMETER_REQUEST_LIST: 55,
  MESSAGE: 56,
  MAXIMUM_MESSAGE_SIZE: 57,
  RENEWAL_TIME: 58,
  REBINDING_TIME: 59,
  CLIENT_IDENTIFIER: 61,
  CLASSLESS_ROUTES: 121,
  END: 255,
} as const;

/** The fixed fields of RFC 2131 section 2, by their places. */
export const FIELD = {
  OP: 0,
  HARDWARE_TYPE: 1,
  HARDWARE_LENGTH: 2,
  TRANSACTION: 4,
  SECONDS: 8,
  FLAGS: 10,
  CLIENT_ADDRESS: 12,
  YOUR_ADDRESS: 16,
  CLIENT_HARDWARE: 28,
  SERVER_NAME: 44,
  FILE: 108,
  COOKIE: 236,
  OPTIONS: 240,
} as const;

export const SERVER_NAME_BYTES = 64;
export const FILE_BYTES = 128;
/** 99.130.83.99: the options of DHCP follow (RFC 2131 section 3). */
export const COOKIE = 0x63825363;
export const BOOT_REQUEST = 1;
export const BOOT_REPLY = 2;
export const ETHERNET = 1;
/** The answer is to be broadcast (RFC 1542 section 3.1.1). */
export const FLAG_BROADCAST = 0x8000;
/** Relays and old servers drop what is shorter (RFC 1542 section 2.1). */
export const LEAST_MESSAGE_BYTES = 300;
