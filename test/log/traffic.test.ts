/** What the records add up to: buckets, sums, counts by site. */
import { expect } from 'chai';
import type { RecordView } from '../../src/log/format/record-view.js';
import * as record from '../../src/log/record.js';
import {
  BY_CLASS,
  BYTES_BUCKETS,
  CLASSES,
  FIRST_BYTE,
  LAST_BYTE,
  MOST_SITES,
  SECONDS_BUCKETS,
  SIZE,
  Traffic,
} from '../../src/log/traffic.js';

/** A record: times in microseconds. */
function recordOf(fields: { site?: number; status?: number; bytes?: number; first?: number; last?: number }) {
  const { site = 0, status = 200, bytes = 0, first = -1, last = -1 } = fields;
  return {
    word: (index: number) => (index === record.SITE ? site : record.packAnswer(status, 0, 0, 0, 1, 0)),
    acknowledged: bytes,
    firstAfter: first < 0 ? last : first,
    lastAfter: last,
  } as unknown as RecordView;
}

function trafficOf(...records: RecordView[]) {
  const traffic = new Traffic();
  for (const each of records) traffic.take(each);
  return traffic.snapshot();
}

describe('access log: traffic', () => {
  it('counts a time in the first bucket that holds it, its bound included', () => {
    const [site] = trafficOf(
      recordOf({ last: 100 }),
      recordOf({ last: 101 }),
      recordOf({ last: 60_000_000 }),
      recordOf({ last: 61_000_000 }),
    );
    const buckets = site!.values.subarray(LAST_BYTE.at, LAST_BYTE.at + SECONDS_BUCKETS.length + 1);
    expect([...buckets]).to.deep.equal([1, 1, ...new Array(SECONDS_BUCKETS.length - 3).fill(0), 1, 1]);
    expect(site!.values[LAST_BYTE.at + SECONDS_BUCKETS.length + 1]).to.be.closeTo(121.000201, 1e-9);
  });

  it('counts the first and the last byte, whether they were acknowledged at once or not', () => {
    const [site] = trafficOf(
      recordOf({ last: 100 }),
      recordOf({ first: 90, last: 60_000_001 }),
      recordOf({ last: 70 }),
    );
    const { values } = site!;
    const last = SECONDS_BUCKETS.length;
    expect([values[FIRST_BYTE.at], values[FIRST_BYTE.at + last]]).to.deep.equal([3, 0]);
    expect([values[LAST_BYTE.at], values[LAST_BYTE.at + last]]).to.deep.equal([2, 1]);
    expect(values[FIRST_BYTE.at + last + 1]).to.be.closeTo(0.00026, 1e-12);
    expect(values[LAST_BYTE.at + last + 1]).to.be.closeTo(60.000171, 1e-12);
  });

  it('leaves times out that never came', () => {
    const [site] = trafficOf(recordOf({ first: 5 }));
    const sumAt = SECONDS_BUCKETS.length + 1;
    expect(site!.values[FIRST_BYTE.at]).to.equal(1);
    expect(site!.values.subarray(LAST_BYTE.at, LAST_BYTE.at + sumAt).every((value) => value === 0)).to.equal(true);
  });

  it('adds up the bytes that were acknowledged', () => {
    const [site] = trafficOf(recordOf({ bytes: 256 }), recordOf({ bytes: 257 }), recordOf({ bytes: 2 ** 31 - 1 }));
    expect(site!.values[SIZE.at]).to.equal(1);
    expect(site!.values[SIZE.at + 1]).to.equal(1);
    expect(site!.values[SIZE.at + BYTES_BUCKETS.length]).to.equal(1);
    expect(site!.values[SIZE.at + BYTES_BUCKETS.length + 1]).to.equal(256 + 257 + 2 ** 31 - 1);
  });

  it('adds up answers of one size, also between two copies', () => {
    const traffic = new Traffic();
    for (const bytes of [300, 300, 300]) traffic.take(recordOf({ bytes }));
    traffic.snapshot();
    traffic.take(recordOf({ bytes: 300 }));
    const [site] = traffic.snapshot();
    expect(site!.values[SIZE.at + 1]).to.equal(4);
    expect(site!.values[SIZE.at + BYTES_BUCKETS.length + 1]).to.equal(1_200);
    expect(site!.values[BY_CLASS + 2]).to.equal(4);
  });

  it('counts by class; a request without an answer is none', () => {
    const statuses = [0, 200, 206, 304, 404, 404, 503];
    const [site] = trafficOf(...statuses.map((status) => recordOf({ status })));
    const counts = CLASSES.map((name, i) => [name, site!.values[BY_CLASS + i]]);
    expect(Object.fromEntries(counts)).to.deep.equal({ none: 1, '1xx': 0, '2xx': 2, '3xx': 1, '4xx': 2, '5xx': 1 });
  });

  it('keeps sites apart up to a bound, and counts the others together', () => {
    const sites = trafficOf(
      recordOf({ site: 1 }),
      recordOf({ site: MOST_SITES }),
      recordOf({ site: MOST_SITES + 7 }),
      recordOf({ site: MOST_SITES - 1 }),
    );
    expect(sites.map(({ site }) => site)).to.deep.equal([1, MOST_SITES - 1, undefined]);
    expect(sites.at(-1)!.values[BY_CLASS + 2]).to.equal(2);
  });
});
