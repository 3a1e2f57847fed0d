/** Numbers of LDAP: RFC 4511 section 4 and appendix A, and the object identifiers of what this server knows. */

/** The tags of protocolOp. */
export const OP = {
  bindRequest: 0x60,
  bindResponse: 0x61,
  unbindRequest: 0x42,
  searchRequest: 0x63,
  searchEntry: 0x64,
  searchDone: 0x65,
  modifyRequest: 0x66,
  addRequest: 0x68,
  deleteRequest: 0x4a,
  modifyDnRequest: 0x6c,
  compareRequest: 0x6e,
  compareResponse: 0x6f,
  abandonRequest: 0x50,
  extendedRequest: 0x77,
  extendedResponse: 0x78,
} as const;

export const RESULT = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  compareFalse: 5,
  compareTrue: 6,
  authMethodNotSupported: 7,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  inappropriateMatching: 18,
  invalidAttributeSyntax: 21,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unwillingToPerform: 53,
} as const;

/** `children` is the subtree without its base, as OpenLDAP has it. */
export const SCOPE = { base: 0, one: 1, sub: 2, children: 3 } as const;

export const OID = {
  paging: '1.2.840.113556.1.4.319',
  manageDsaIt: '2.16.840.1.113730.3.4.2',
  whoAmI: '1.3.6.1.4.1.4203.1.11.3',
  startTls: '1.3.6.1.4.1.1466.20037',
  noticeOfDisconnection: '1.3.6.1.4.1.1466.20036',
  allOperationalAttributes: '1.3.6.1.4.1.4203.1.5.1',
  absoluteTrueFalse: '1.3.6.1.4.1.4203.1.5.3',
} as const;
