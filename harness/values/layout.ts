import { z } from 'zod';

/** The order of an integer's bytes; absent: little-endian, as on nearly every machine. */
type Order = 'big' | undefined;

export interface IntLayout {
  readonly kind: 'int';
  /** In bytes: 1, 2, 4, 8 or 16. */
  readonly size: number;
  readonly signed: boolean;
  readonly order?: Order;
}

export interface BoolLayout {
  readonly kind: 'bool';
  readonly size: number;
  readonly order?: Order;
}

export interface FloatLayout {
  readonly kind: 'float';
  /** 4 or 8; other sizes of C's `long double` are opaque. */
  readonly size: number;
  readonly order?: Order;
}

/** A pointer: a number that only the kernel can follow. */
export interface PointerLayout {
  readonly kind: 'pointer';
  readonly size: number;
  readonly order?: Order;
}

export interface EnumLayout {
  readonly kind: 'enum';
  /** Without the word `enum`; empty for an anonymous one. */
  readonly name: string;
  readonly size: number;
  readonly signed: boolean;
  /** In the order of the source. A value is the decimal digits of a number, which may have 64 bits. */
  readonly names: readonly { readonly name: string; readonly value: string }[];
  readonly order?: Order;
}

/** An array of `char`. */
export interface TextLayout {
  readonly kind: 'text';
  readonly size: number;
}

export interface ArrayLayout {
  readonly kind: 'array';
  readonly count: number;
  /** All of it in bytes. */
  readonly size: number;
  readonly element: Layout;
}

export interface MemberLayout {
  /** Empty for an anonymous struct or union, whose members are written as if they were its parent's. */
  readonly name: string;
  /** In bytes from the start of the struct; of a bitfield, the byte that its first bit is in. */
  readonly offset: number;
  /** A bitfield: where it starts in that byte (0 to 7, as the compiler counts: little-endian from the lowest) and its width. */
  readonly bits?: BitsLayout | undefined;
  readonly layout: Layout;
}

export interface BitsLayout {
  readonly offset: number;
  readonly size: number;
}

/** A struct, or a section of global variables (`name` is then `.bss`). */
export interface StructLayout {
  readonly kind: 'struct';
  /** Without the word `struct`; empty for an anonymous one. */
  readonly name: string;
  readonly size: number;
  readonly members: readonly MemberLayout[];
}

export interface UnionLayout {
  readonly kind: 'union';
  readonly name: string;
  readonly size: number;
  readonly members: readonly MemberLayout[];
}

/** What only the kernel may read and write: `bpf_spin_lock`, `bpf_timer`, a kptr. */
export interface OpaqueLayout {
  readonly kind: 'opaque';
  readonly name: string;
  readonly size: number;
}

/** How a type lies in memory: typedefs and qualifiers resolved, finite (a pointer ends it). */
export type Layout =
  | IntLayout
  | BoolLayout
  | FloatLayout
  | PointerLayout
  | EnumLayout
  | TextLayout
  | ArrayLayout
  | StructLayout
  | UnionLayout
  | OpaqueLayout;

const bytes = z.number().int().nonnegative();
const order = z.literal('big').optional();
const inner: z.ZodType<Layout> = z.lazy(() => layout);

const member: z.ZodType<MemberLayout> = z.object({
  name: z.string(),
  offset: bytes,
  bits: z
    .object({ offset: z.number().int().min(0).max(7), size: z.number().int().min(1) })
    .optional(),
  layout: inner,
});

/** A layout as `agent inspect` writes it; `agent/inspect/layout.go` is the other side. */
export const layout: z.ZodType<Layout> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('int'), size: bytes, signed: z.boolean(), order }),
  z.object({ kind: z.literal('bool'), size: bytes, order }),
  z.object({ kind: z.literal('float'), size: bytes, order }),
  z.object({ kind: z.literal('pointer'), size: bytes, order }),
  z.object({
    kind: z.literal('enum'),
    name: z.string(),
    size: bytes,
    signed: z.boolean(),
    names: z.array(z.object({ name: z.string(), value: z.string().regex(/^-?\d+$/) })),
    order,
  }),
  z.object({ kind: z.literal('text'), size: bytes }),
  z.object({ kind: z.literal('array'), count: bytes, size: bytes, element: inner }),
  z.object({ kind: z.literal('struct'), name: z.string(), size: bytes, members: z.array(member) }),
  z.object({ kind: z.literal('union'), name: z.string(), size: bytes, members: z.array(member) }),
  z.object({ kind: z.literal('opaque'), name: z.string(), size: bytes }),
]);
