/** The control table: what is wrong with one is said when the module is made, and not when a client comes. */
import { expect } from 'chai';
import { type Control, compileControl } from '../../src/module/program/control.js';

const actions = { look: () => 'seen', tell: () => 'told' };
const compile = (control: Control) => () => compileControl(control, actions);
const row = (next: Record<string, string>, run = 'look') => ({ run, next });

describe('a control table', () => {
  it('leads from what happened in a state to the next one, and by default to an end', () => {
    const { first, close, abort, again } = compileControl(
      { a: { on: 'input', run: 'look', next: { seen: 'b', ended: 'abort' } }, b: row({ told: 'again' }, 'tell') },
      actions,
    );
    const b = first.after('seen');
    expect([first.name, first.waitsFor, b.name, b.waitsFor]).to.deep.equal(['a', 'input', 'b', 'nothing']);
    expect([first.after('ended'), b.after('ended'), b.after('full'), b.after('told')]).to.deep.equal([
      abort,
      close,
      abort,
      again,
    ]);
  });

  it('says what it knows when something else happens', () => {
    const { first } = compileControl({ a: row({ seen: 'close' }) }, actions);
    expect(() => first.after('surprise')).to.throw('"surprise" in state "a", whose table knows: ended, silent, full');
  });

  it('is refused for an action, a state or an awaited thing that is not there', () => {
    expect(compile({ a: row({ seen: 'close' }, 'dance') })).to.throw(TypeError, 'state "a" runs "dance"');
    expect(compile({ a: row({ seen: 'close' }, 'toString') })).to.throw(TypeError, 'which is no action');
    expect(compile({ a: row({ seen: 'b' }) })).to.throw(TypeError, '"seen" leads to "b", which is no state');
    expect(compile({ a: { ...row({ seen: 'close' }), on: 'tea' as 'input' } })).to.throw(TypeError, 'waits for "tea"');
    expect(compile({})).to.throw(TypeError, 'at least one state');
  });

  it('is refused for a state that nothing leads to, or that is called as an end', () => {
    expect(compile({ a: row({ seen: 'close' }), b: row({}) })).to.throw(TypeError, 'no state leads to "b"');
    expect(compile({ close: row({ seen: 'close' }) })).to.throw(TypeError, 'cannot be called "close"');
  });
});
