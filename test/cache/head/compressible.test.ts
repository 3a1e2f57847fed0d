import { expect } from 'chai';
import { isCompressible, isNegotiated, isWorthMaking, LARGEST_BYTES } from '../../../src/cache/head/compressible.js';
import { typeOfName } from '../../../src/cache/head/content-type.js';

describe('cache/head/compressible', () => {
  const typeOf = (name: string) => typeOfName(name).type;

  it('is what text, code, documents, fonts without compression and plain pictures are', () => {
    const names =
      '/a.html /a.css /a.js /a.mjs /a.json /a.map /a.xml /a.svg /a.txt /a.md /a.wasm /a.csv /a.ttf /a.otf /a.eot ' +
      '/a.ico /a.bmp /a.webmanifest /a.rss /a.atom /a.xhtml /a.geojson /a.jsonld /a.tar /a.yaml /a.m3u8 /a.glb';
    expect(names.split(' ').filter((name) => !isCompressible(typeOf(name)))).to.deep.equal([]);
    expect(isCompressible('application/json; charset=utf-8')).to.equal(true);
  });

  it('is not what is compressed already', () => {
    const names =
      '/a.png /a.jpg /a.gif /a.webp /a.avif /a.mp4 /a.webm /a.mp3 /a.ogg /a.zip /a.gz /a.br /a.zst /a.woff /a.woff2 ' +
      '/a.pdf /a.7z /a.docx /a.bin';
    expect(names.split(' ').filter((name) => isCompressible(typeOf(name)))).to.deep.equal([]);
  });

  it('is worth it from 1 KiB to 32 MiB', () => {
    const sizes = [1023, 1024, LARGEST_BYTES, LARGEST_BYTES + 1];
    expect(sizes.map((size) => isWorthMaking(size, 'text/css'))).to.deep.equal([false, true, true, false]);
  });

  it('decides about Vary: sidecars, or what will be made, but never a file that has a coding itself', () => {
    const page = typeOfName('/a.html');
    const svgz = typeOfName('/a.svgz');
    expect(isNegotiated({ size: 2000 }, page, 'off')).to.equal(false);
    expect(isNegotiated({ size: 2000, codings: 2 }, page, 'off')).to.equal(false);
    expect(isNegotiated({ size: 2000 }, page, 'sidecar')).to.equal(false);
    expect(isNegotiated({ size: 2000, codings: 2 }, page, 'sidecar')).to.equal(true);
    expect(isNegotiated({ size: 100, codings: 2 }, page, 'load')).to.equal(true);
    expect(isNegotiated({ size: 2000 }, page, 'load')).to.equal(true);
    expect(isNegotiated({ size: 100 }, page, 'load')).to.equal(false);
    expect(isNegotiated({ size: 2000, codings: 2 }, svgz, 'load')).to.equal(false);
  });
});
