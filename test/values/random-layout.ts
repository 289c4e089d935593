import type { EnumLayout, Layout, MemberLayout } from '../../harness/values/layout.ts';
import { randomInteger } from '../support/seeded.ts';

/** A layout of any shape, with padding, bitfields and members that overlap. */
export function randomLayout(random: () => number, depth = 0): Layout {
  const makers = [scalar, scalar, text, ...(depth < 3 ? [array, composite, composite] : [])];
  const make = makers[randomInteger(random, makers.length)] ?? scalar;
  return make(random, depth);
}

function scalar(random: () => number): Layout {
  const size = 2 ** randomInteger(random, 4);
  const order = random() < 0.3 ? 'big' : undefined;
  const signed = random() < 0.5;
  const kinds: Layout[] = [
    { kind: 'int', size, signed, order },
    { kind: 'int', size: 16, signed, order },
    { kind: 'bool', size, order },
    { kind: 'float', size: size < 8 ? 4 : 8, order },
    { kind: 'pointer', size: 8, order },
    { kind: 'opaque', name: 'struct bpf_timer', size },
    enumeration({ size, signed, order }),
  ];
  return kinds[randomInteger(random, kinds.length)] as Layout;
}

function enumeration(shape: Pick<EnumLayout, 'size' | 'signed' | 'order'>): EnumLayout {
  const names = [
    { name: 'ZERO', value: '0' },
    { name: 'SAME', value: '0' },
    { name: 'FULL', value: shape.signed ? '-1' : String((1n << BigInt(shape.size * 8)) - 1n) },
  ];
  return { kind: 'enum', name: 'level', names, ...shape };
}

function text(random: () => number): Layout {
  return { kind: 'text', size: randomInteger(random, 12) };
}

function array(random: () => number, depth: number): Layout {
  const element = randomLayout(random, depth + 1);
  const count = randomInteger(random, 4);
  return { kind: 'array', count, size: count * element.size, element };
}

function composite(random: () => number, depth: number): Layout {
  const kind = random() < 0.4 ? 'union' : 'struct';
  const members: MemberLayout[] = [];
  let end = 0;
  for (let index = randomInteger(random, 5); index >= 0; index--) {
    const layout = randomLayout(random, depth + 1);
    const offset = kind === 'union' ? 0 : end + randomInteger(random, 3);
    const nested = layout.kind === 'struct' || layout.kind === 'union';
    // Names are unique in all of the layout, as they must be for members of anonymous ones.
    const name = nested && random() < 0.4 ? '' : `m${depth}_${randomInteger(random, 1e9)}`;
    members.push({ name, offset, layout, ...bitsOf(random, layout) });
    end = Math.max(end, offset + layout.size);
  }
  return { kind, name: 'any', size: end + randomInteger(random, 3), members };
}

function bitsOf(random: () => number, layout: Layout): Pick<MemberLayout, 'bits'> {
  const may = layout.kind === 'int' || layout.kind === 'bool' || layout.kind === 'enum';
  if (!may || random() < 0.6) return {};
  const offset = randomInteger(random, 8);
  return { bits: { offset, size: 1 + randomInteger(random, layout.size * 8 - offset) } };
}
