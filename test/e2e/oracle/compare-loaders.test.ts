import { expect, test } from 'vitest';
import type { HandedProgram } from '../../../harness/agent/messages.ts';
import type { LibbpfAnswer } from '../libbpf-loader/ask-libbpf.ts';
import type { AgentAnswer } from './ask-agent.ts';
import { compareLoaders } from './compare-loaders.ts';
import { applyRules, type Rule } from './rules.ts';

const DIVISION = '3f10ffff00000000';
const PLAIN_DIVISION = '3f10000000000000';
const LOAD_MAP = '18110000000000000000000000000000';

function handed(code: string, map = 'counts'): HandedProgram {
  const instructions = Buffer.from(code, 'hex').toString('base64');
  const maps = code === LOAD_MAP ? [{ insn: 0, name: map }] : [];
  const numbers = { type: 1, attachType: 0, flags: 0, attachBtfId: 0, functions: 1, lines: 1 };
  return { instructions, maps, ...numbers };
}

function theirs(change: Partial<LibbpfAnswer> = {}): LibbpfAnswer {
  const answer = { object: 'a.o', program: 'p', error: null, words: '', insns: 2 };
  return { ...answer, handed: handed(DIVISION), ...change };
}

function own(change: Partial<Extract<AgentAnswer, { kind: 'program' }>['reply']> = {}) {
  const reply = {
    type: 'program' as const,
    id: 1,
    name: 'p',
    section: 'socket',
    programType: 'socket_filter',
    verdict: 'accept' as const,
    errno: null,
    message: '',
    stage: null,
    missing: null,
    insns: 2,
    peakStates: null,
    totalStates: null,
    stackDepths: [],
    source: null,
    logBytes: 0,
    logOmitted: 0,
    loadNs: 0,
    log: Buffer.alloc(0),
    handed: handed(DIVISION),
  };
  return { kind: 'program' as const, object: 'a.o', reply: { ...reply, ...change } };
}

function kindsOf(libbpf: LibbpfAnswer, agent: AgentAnswer): string[] {
  return compareLoaders([libbpf], [agent]).differences.map(({ kind }) => kind);
}

test('the same bytes, answer and cost are no difference', () => {
  const { differences, both, loaded } = compareLoaders([theirs()], [own()]);
  expect({ differences, both, loaded }).toEqual({ differences: [], both: 1, loaded: 1 });
});

test('one field of one instruction is a difference, and so is another map', () => {
  expect(kindsOf(theirs(), own({ handed: handed(PLAIN_DIVISION) }))).toEqual(['bytes']);
  const of = (map: string) => handed(LOAD_MAP, map);
  expect(kindsOf(theirs({ handed: of('counts') }), own({ handed: of('others') }))).toEqual([
    'bytes',
  ]);
  expect(kindsOf(theirs({ handed: of('a.rodata') }), own({ handed: of('.rodata') }))).toEqual([]);
});

test('another answer, another error and another cost are differences', () => {
  expect(kindsOf(theirs({ error: 'EINVAL' }), own())).toEqual(['verdict']);
  const refused = own({ verdict: 'reject', errno: 'EACCES' });
  expect(kindsOf(theirs({ error: 'EINVAL' }), refused)).toEqual(['verdict']);
  expect(kindsOf(theirs({ insns: 3 }), own())).toEqual(['insns']);
});

test('a program that libbpf loads and we do not, or do not list, is missing', () => {
  const unsupported = own({ verdict: 'unsupported', missing: 'x', handed: undefined });
  expect(kindsOf(theirs(), unsupported)).toEqual(['missing']);
  expect(kindsOf(theirs({ error: 'EINVAL' }), unsupported)).toEqual(['not asked']);
  const unreadable = { kind: 'unreadable' as const, object: 'a.o', message: 'no ELF' };
  expect(kindsOf(theirs(), unreadable)).toEqual(['missing']);
  expect(kindsOf(theirs({ program: 'q' }), own())).toEqual(['missing', 'program']);
});

test('a rule covers what it lists, and is outdated once that no longer differs', () => {
  const { differences } = compareLoaders([theirs({ insns: 3 })], [own()]);
  const asked = { series: '6.12', objects: new Set(['a']) };
  const rule: Rule = { objects: ['a'], kinds: ['insns'], why: 'a test' };
  expect(applyRules([rule], differences, asked)).toEqual({ unlisted: [], outdated: [] });
  expect(applyRules([{ ...rule, kernels: ['5.10'] }], differences, asked).unlisted).toHaveLength(1);
  expect(applyRules([rule], [], asked).outdated).toEqual(['a: insns no longer differs']);
  expect(applyRules([rule], [], { ...asked, objects: new Set() }).outdated).toEqual([]);
});
