import { expect } from 'chai';
import { UndoList } from '../../../src/serve/process/undo-list.js';

describe('undo list', () => {
  it('takes back the latest first, waiting for each', async () => {
    const done: number[] = [];
    const undo = new UndoList();
    undo.add(() => void done.push(1));
    undo.add(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done.push(2);
    });
    undo.add(() => void done.push(3));
    await undo.run();
    await undo.run();
    expect(done).to.deep.equal([3, 2, 1]);
  });

  it('goes on after a failure, and tells of it in the end', async () => {
    const done: string[] = [];
    const undo = new UndoList();
    undo.add(() => void done.push('first'));
    undo.add(() => {
      throw new Error('no way back');
    });
    const failure = await undo.run().catch((error: Error) => error.message);
    expect([done, failure]).to.deep.equal([['first'], 'no way back']);
  });
});
