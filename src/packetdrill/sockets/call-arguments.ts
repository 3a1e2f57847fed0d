/**
 * Reads the arguments of a system call by their place: numbers, names of flags, lengths of buffers, addresses.
 */
import { IpAddress } from '../../net/wire/address.js';
import type { Expression, StructField, SystemCall } from '../language/ast.js';
import type { Position } from '../language/script-error.js';
import { symbolValue } from './symbols.js';

/** A call that makes no sense, or that has no meaning for a stack without a kernel around it. */
export class CallError extends Error {
  override readonly name = 'CallError';

  constructor(
    message: string,
    readonly at: Position,
    /** The call, or this use of it, has no meaning here. The script is not at fault. */
    readonly unsupported = false,
  ) {
    super(message);
  }
}

export class CallArguments {
  constructor(readonly call: SystemCall) {}

  get count(): number {
    return this.call.arguments.length;
  }

  get(index: number): Expression {
    const found = this.call.arguments[index];
    if (found === undefined) throw new CallError(`${this.call.name}() wants more arguments`, this.call.at);
    return found;
  }

  /** True if the argument is `...`. */
  isAny(index: number): boolean {
    return this.get(index).kind === 'any';
  }

  /** The argument as a number. A name stands for its number, and `|` joins several. */
  integer(index: number): number {
    return numberOf(this.get(index));
  }

  /** The argument as a number, or `fallback` if it is `...` or not there. */
  integerOr(index: number, fallback: number): number {
    const expression = this.call.arguments[index];
    return expression === undefined || expression.kind === 'any' ? fallback : numberOf(expression);
  }

  /** The name of an option or a request; a number as text. */
  word(index: number): string {
    const expression = this.get(index);
    if (expression.kind === 'word') return expression.name;
    if (expression.kind === 'integer') return String(expression.value);
    throw new CallError('expected a name', expression.at);
  }

  /** The items of `[a, b]`. */
  list(index: number): readonly Expression[] {
    const expression = this.get(index);
    if (expression.kind !== 'list') throw new CallError('expected a list in brackets', expression.at);
    return expression.items;
  }

  /** The text of a string argument; `undefined` for `...`. Repeated text is cut at `length`. */
  text(index: number, length: number): string | undefined {
    const expression = this.get(index);
    if (expression.kind !== 'string') return undefined;
    const times = expression.repeated && expression.text !== '' ? Math.ceil(length / expression.text.length) : 1;
    return expression.text.repeat(times).slice(0, length);
  }

  /** The port and address of a `sockaddr`; `undefined` for `...`. */
  address(index: number): { readonly port: number; readonly address: IpAddress | undefined } | undefined {
    const expression = this.get(index);
    if (expression.kind !== 'struct') return undefined;
    const port = fieldOf(expression.fields, 'sin_port');
    const text = fieldOf(expression.fields, 'sin_addr');
    return { port: port === undefined ? 0 : numberOf(port), address: text === undefined ? undefined : addressOf(text) };
  }
}

/** A field of a structure by name. */
export function fieldOf(fields: readonly StructField[], name: string): Expression | undefined {
  return fields.find((field) => field.name === name)?.value;
}

/** The number that an expression stands for. @throws {CallError} if it stands for none. */
export function numberOf(expression: Expression): number {
  switch (expression.kind) {
    case 'integer':
      return expression.value;
    case 'word': {
      const value = symbolValue(expression.name);
      if (value === undefined) throw new CallError(`no number is known for ${expression.name}`, expression.at, true);
      return value;
    }
    case 'or':
      return Number(BigInt(numberOf(expression.left)) | BigInt(numberOf(expression.right)));
    case 'call':
      if (['htons', 'htonl'].includes(expression.name) && expression.arguments.length === 1) {
        return numberOf(expression.arguments[0]!);
      }
  }
  throw new CallError('expected a number', expression.at);
}

/** `inet_addr("192.0.2.1")`. */
function addressOf(expression: Expression): IpAddress | undefined {
  const first = expression.kind === 'call' ? expression.arguments[0] : undefined;
  if (first?.kind !== 'string') throw new CallError('expected inet_addr("...")', expression.at);
  try {
    return IpAddress.parse(first.text);
  } catch {
    throw new CallError(`not an IP address: "${first.text}"`, first.at);
  }
}

/** The sum of the lengths in `[{..., 100}, {..., 50}]`. */
export function iovecLength(vectors: Expression | undefined): number {
  if (vectors?.kind !== 'list') return 0;
  return vectors.items.reduce((sum, item) => sum + oneLength(item), 0);
}

function oneLength(item: Expression): number {
  if (item.kind === 'iovec') return item.length;
  const length = item.kind === 'struct' ? fieldOf(item.fields, 'iov_len') : undefined;
  if (length === undefined) throw new CallError('expected {..., length}', item.at);
  return numberOf(length);
}
