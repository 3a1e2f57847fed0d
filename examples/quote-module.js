/**
 * A protocol module: the quote of the day (RFC 865), over TCP and UDP, in the receive path.
 *
 *     sudo fastpath serve ./site --module ./examples/quote-module.js
 *     nc 10.77.0.2 17
 *
 * The quotes are objects of the module. Each worker makes them once, with the sums of their bytes, and sends them by
 * reference. docs/modules.md builds two more modules step by step.
 */
const QUOTES = [
  'Be conservative in what you do, be liberal in what you accept from others. (RFC 793)',
  'The checksum field is the 16 bit one’s complement of the one’s complement sum. (RFC 793)',
  'It is always possible to add another level of indirection. (RFC 1925)',
];

const table = { telling: { run: 'tell', next: { told: 'close' } } };

export default {
  name: 'quote',
  options: (z) => z.strictObject({ port: z.int().min(1).max(65_535).default(17) }),
  listeners: ({ port }) => [
    { transport: 'tcp', port },
    { transport: 'udp', port },
  ],
  objects: () => QUOTES.map((quote, i) => [String(i), `${quote}\r\n`]),
  actions: {
    tell(exchange) {
      const day = Math.floor(exchange.worker.wallClock.seconds / 86_400);
      exchange.send(exchange.worker.answers.get(String(day % QUOTES.length)));
      return 'told';
    },
  },
  control: table,
  datagrams: table,
};
