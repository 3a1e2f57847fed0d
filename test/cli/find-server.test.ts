/** Which running server a command is for. */
import { expect } from 'chai';
import { choose, type Registered } from '../../src/cli/find-server.js';
import { ServeError } from '../../src/serve/serve-error.js';

const HERE = '4026531840';
const names: Readonly<Record<string, string>> = { '5': 'lab' };

function server(interfaceName: string, networkNamespace: string, pid: number): Registered {
  const ids = { pid, processStart: '1', pidNamespace: '1', networkNamespace, interfaceName };
  return { state: { ...ids, url: '', folder: '/srv', since: '' }, path: `/run/${pid}.sock` };
}

/** The process number, or what is said. */
function chosen(running: readonly Registered[], wish?: string): number | string {
  try {
    return choose(running, wish, HERE, (namespace) => names[namespace] ?? namespace, 'Name a file.').state.pid;
  } catch (error) {
    if (!(error instanceof ServeError)) throw error;
    return `${error.message}. ${error.advice}`;
  }
}

describe('the server that a command is for', () => {
  const [own, second, lab, other] = [
    server('fp0', HERE, 11),
    server('fp1', HERE, 12),
    server('fp0', '5', 13),
    server('fp0', '6', 14),
  ];

  it('is the only one, wherever it runs', () => {
    expect(chosen([own])).to.equal(11);
    expect(chosen([lab])).to.equal(13);
  });

  it('is that of this network namespace, if others run in others', () => {
    expect(chosen([lab, own, other])).to.equal(11);
    expect(chosen([lab, own, other], 'fp0')).to.equal(11);
  });

  it('is named by its interface, or by its process number', () => {
    expect(chosen([own, second], 'fp1')).to.equal(12);
    expect(chosen([lab, own, other], '14')).to.equal(14);
  });

  it('has to be named among several, which are told with their namespaces and processes', () => {
    expect(chosen([own, second])).to.equal(
      'several servers are running: fp0 (process 11), fp1 (process 12). ' +
        'Choose one: --interface NAME, or the number of its process.',
    );
    expect(chosen([lab, other], 'fp0')).to.contain('fp0 in netns lab (process 13), fp0 in netns 6 (process 14)');
  });

  it('may not be there', () => {
    expect(chosen([])).to.equal('no server is running. Name a file.');
    expect(chosen([own, lab], 'fp7')).to.equal(
      'no server is running on fp7. There is fp0 (process 11), fp0 in netns lab (process 13).',
    );
  });
});
