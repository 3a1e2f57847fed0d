/** The pictures of figures: what a reader on a forge sees. */
import { expect } from 'chai';
import { figures as loss } from '../../docs/book/figures/10-tcp-loss.js';
import { defaultsOf, figure, runToFirst, type View } from '../../docs/book/figures/lib/figure.js';
import { bytesOfHex, sumFigure, sumSteps } from '../../docs/book/figures/lib/sum.js';
import { pictureOf } from '../../scripts/book/picture.js';
import { World } from '../../src/browser/index.js';
import { arrowsOf } from '../../src/inspect/trace/exchange.js';

const download = (view: View, side: 'client' | 'server' = 'server') =>
  figure({
    title: 'A < B & C',
    tells: 'A download.',
    views: [view],
    side,
    seed: 3,
    world: () => ({
      hosts: { client: {}, server: { files: { '/big': 200_000 } } },
      link: { both: { delay: 20_000, rate: 10_000_000, loss: 0.02 } },
      start: (world) => world.get('client', 'server', '/big'),
    }),
  });

describe('the picture of a figure', () => {
  it('shows frames as arrows, at most as many as the figure says, and how many are left out', () => {
    const picture = pictureOf({ ...download('exchange'), pictureFrames: 5 });
    expect(picture)
      .to.match(/^<svg [\s\S]*<\/svg>\n$/)
      .and.include('A &lt; B &amp; C');
    expect(picture.match(/class="head"/g)).to.have.lengthOf(5);
    expect(picture).to.match(/… and \d+ more frames/);
  });

  it('draws words over all lines, with nothing of a line between their letters, and heads over all words', () => {
    const picture = pictureOf(download('exchange'));
    const last = (part: string) => picture.lastIndexOf(part);
    expect(last('<g><text class="time"')).to.be.below(picture.indexOf('<rect class="page" x='));
    expect(last('<rect class="page" x=')).to.be.below(picture.indexOf('class="head"'));
    // Each is as wide as its words: 12 px of a monospaced font are 7.2 px a letter.
    const words = [...picture.matchAll(/ width="([\d.]+)" height="11"\/><text [^>]*>([^<]+)</g)];
    expect(words).to.not.have.length(0);
    for (const [, width, text = ''] of words) {
      expect(Number(width)).to.be.closeTo(7.25 * text.replace('&gt;', '>').replace('&lt;', '<').length, 0.1);
    }
  });

  it('is the graph of the first view: windows of the chosen side, or sequence numbers with their losses', () => {
    const curves = pictureOf(download('curves'));
    expect(curves).to.include('cwnd').and.include('ssthresh');
    expect(pictureOf(download('curves', 'client'))).to.not.equal(curves);
    expect(pictureOf(download('sequence')))
      .to.include('acknowledged')
      .and.match(/×|↻/);
  });

  it('is the same each time', () => {
    expect(pictureOf(download('sequence'))).to.equal(pictureOf(download('sequence')));
  });

  it('shows the words of a sum, and where a carry came back', () => {
    const picture = pictureOf(sumFigure({ title: 'Sum', tells: 'Words.', bytes: 'ff ff 00 01 00 01' }));
    expect(picture).to.include('+ 0001 = 0001 carry').and.include('sum 0002, checksum field fffd');
  });
});

describe('a figure that begins again', () => {
  it('goes to the first frame that its view shows, however long the world is idle before', () => {
    const { holes } = loss;
    const texts = (world: World, view: View) => {
      runToFirst(world, holes, view);
      return arrowsOf(world.history.events, holes.hides, holes.since).map(({ text }) => text);
    };
    const fresh = () => new World(holes.world(defaultsOf(holes)));
    const world = fresh();
    expect(texts(world, 'ladder').filter((text) => text.startsWith('['))).to.have.length(1);
    expect(world.now / 1e6).to.be.within(3, 3.1);
    const { events } = world;
    expect(texts(world, 'ladder')).to.not.deep.equal([]);
    expect(world.events, 'a world that shows something stays where it is').to.equal(events);
    expect(texts(fresh(), 'exchange')).to.have.length(1);
    const cache = fresh();
    expect(texts(cache, 'cache'), 'a cache is there from the start').to.deep.equal([]);
  });
});

describe('a sum word by word', () => {
  it('takes bytes in hexadecimal, and says so if they are none', () => {
    expect(bytesOfHex('45 00\n0')).to.equal(undefined);
    expect(bytesOfHex('4500 0g')).to.equal(undefined);
    expect([...(bytesOfHex('45 00 fe') ?? [])]).to.deep.equal([0x45, 0, 0xfe]);
  });

  it('counts a last odd byte as the high byte, and knows the sum at an odd place', () => {
    expect(sumSteps(Uint8Array.of(0x12, 0x34, 0x56))).to.include({ sum: 0x6834, field: 0x97cb, swapped: 0x3468 });
  });
});
