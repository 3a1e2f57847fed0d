import { expect } from 'chai';
import fc from 'fast-check';
import { type Tagged, TagHeap } from '../../../../src/net/tcp/parts/tag-heap.js';

describe('tcp: the heap of those that wait', () => {
  it('gives the smallest tag first, whatever was taken out in between', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), tag: fc.nat(50) }),
      fc.record({ kind: fc.constant('pop' as const) }),
      fc.record({ kind: fc.constant('remove' as const), at: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const heap = new TagHeap<Tagged>();
        const model: Tagged[] = [];
        for (const todo of steps) {
          if (todo.kind === 'push') {
            const item = { start: todo.tag, place: -1 };
            heap.push(item);
            model.push(item);
          } else if (todo.kind === 'pop') {
            const item = heap.pop();
            expect(item?.start).to.equal(model.length === 0 ? undefined : Math.min(...model.map(({ start }) => start)));
            if (item !== undefined) model.splice(model.indexOf(item), 1);
          } else if (model.length > 0) {
            const [item] = model.splice(todo.at % model.length, 1);
            heap.remove(item!);
            expect(item!.place).to.equal(-1);
          }
          expect(heap.size).to.equal(model.length);
        }
      }),
    );
  });
});
