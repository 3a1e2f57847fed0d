import { expect } from 'chai';
import { ascii } from '../../../src/http/grammar/grammar.js';
import { headLength, interimLength, placeForField, statusAt } from '../../../src/http/slow/answer-head.js';

const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
const FINAL = 'HTTP/1.1 200 OK\r\nX: y\r\n\r\nbody';
const NAME = ascii('strict-transport-security');

describe('http/slow: the head of an answer of another thread', () => {
  const interim = (text: string) => interimLength(Buffer.from(text), 0, text.length);
  const place = (text: string) => placeForField(Buffer.from(text), 0, text.length, NAME);

  it('begins behind the interim answers, also if they come in one piece with it', () => {
    expect(interim(FINAL)).to.equal(0);
    expect(interim(HINTS)).to.equal(HINTS.length);
    expect(interim(HINTS + HINTS + FINAL)).to.equal(2 * HINTS.length);
    expect(interim(`${HINTS}HTTP/1.1 204 No Content\r\n\r\n`)).to.equal(HINTS.length);
    expect(interim('HTTP/1.1 101 Switching Protocols\r\n\r\n')).to.equal(0);
    expect(interim(HINTS.slice(0, -2)), 'not whole').to.equal(0);
    const bytes = Buffer.from(HINTS + FINAL);
    expect(statusAt(bytes, HINTS.length, bytes.length)).to.equal(200);
    expect(headLength(bytes, HINTS.length, bytes.length)).to.equal(FINAL.length - 4);
  });

  it('has room for a field behind its status line, unless it has that field, or is no final answer', () => {
    expect(place(FINAL)).to.equal('HTTP/1.1 200 OK\r\n'.length);
    expect(place('HTTP/1.1 200 OK\r\nSTRICT-transport-security: max-age=1\r\n\r\n')).to.equal(-1);
    expect(place('HTTP/1.1 200 OK\r\nX: y\r\n\r\nStrict-Transport-Security: in the body')).to.be.above(0);
    expect(place('HTTP/1.1 200 OK\r\nX-Strict-Transport-Security: no\r\n\r\n')).to.be.above(0);
    for (const text of [HINTS, 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'body', 'HTTP/1.1 200 OK', '']) {
      expect(place(text), text).to.equal(-1);
    }
  });
});
