/** The status codes that this server sends, with their reason phrases (RFC 9110 section 15, RFC 6585 section 5). */

export const REASONS: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [206, 'Partial Content'],
  [301, 'Moved Permanently'],
  [304, 'Not Modified'],
  [400, 'Bad Request'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [408, 'Request Timeout'],
  [412, 'Precondition Failed'],
  [413, 'Content Too Large'],
  [414, 'URI Too Long'],
  [416, 'Range Not Satisfiable'],
  [417, 'Expectation Failed'],
  [431, 'Request Header Fields Too Large'],
  [501, 'Not Implemented'],
  [503, 'Service Unavailable'],
  [505, 'HTTP Version Not Supported'],
]);
