import type { HandedProgram } from '../../../harness/agent/messages.ts';

/** Sizes, opcodes and pseudo sources of <linux/bpf.h>. */
const SIZE = 8;
const LOAD_64 = 0x18;
const PSEUDO_BTF_ID = 3;
/** What libbpf 1.1, and what cilium/ebpf, puts for a weak function that the kernel does not have. */
const UNRESOLVED = new Set(['8520000000000000', '85000000dec0ed0d']);
/** Where the kernel's own addresses lie on x86-64. */
const KERNEL = { from: 0xffffffff80000000n, to: 0xffffffffff000000n };

/**
 * What a program handed over says, in lines that are equal where two loaders hand over the same: what the call says of
 * the program, then each instruction. Maps have names in place of descriptors; addresses of the kernel differ from boot
 * to boot.
 */
export function canonicalLines(handed: HandedProgram): string[] {
  const code = Buffer.from(handed.instructions, 'base64');
  const maps = new Map(handed.maps.map(({ insn, name }) => [insn, shortName(name)]));
  const { type, attachType, flags, attachBtfId, functions } = handed;
  const lines = [
    `type ${type} attach type ${attachType} flags ${flags} BTF id ${attachBtfId}`,
    `${functions} functions with types, ${handed.lines} lines`,
  ];
  for (let at = 0; at < code.length / SIZE; at++) {
    const map = maps.get(at);
    lines.push(map === undefined ? instruction(code, at) : `${instruction(code, at)} map ${map}`);
    if (code[at * SIZE] === LOAD_64) at++;
  }
  return lines;
}

function instruction(code: Buffer, at: number): string {
  const one = code.toString('hex', at * SIZE, (at + 1) * SIZE);
  if (UNRESOLVED.has(one)) return 'a call of a function that is not there';
  if (code[at * SIZE] !== LOAD_64) return one;
  const half = code.subarray((at + 1) * SIZE, (at + 2) * SIZE);
  if (half.length < SIZE) return one;
  const source = (code[at * SIZE + 1] ?? 0) >> 4;
  if (source === 0 && isKernelAddress(code, at)) return `${one.slice(0, 8)} address of the kernel`;
  // The descriptor of a module's types.
  if (source === PSEUDO_BTF_ID && half.readUInt32LE(4) !== 0) return `${one} of a module`;
  return `${one} ${half.toString('hex')}`;
}

function isKernelAddress(code: Buffer, at: number): boolean {
  const low = code.readUInt32LE(at * SIZE + 4);
  const high = code.readUInt32LE((at + 1) * SIZE + 4);
  const number = (BigInt(high) << 32n) | BigInt(low);
  return number >= KERNEL.from && number < KERNEL.to;
}

/** libbpf puts the object's name before those of data sections, `biolaten.rodata`, and gives the kernel 15 letters. */
function shortName(name: string): string {
  return name.replace(/^[^.]+(?=\.)/, '').slice(0, 15);
}
