import type { Need, NeededProgram, ObjectNeeds } from './needs.ts';
import { Judgement, type Prediction, type Problem } from './prediction.ts';
import { insteadOf } from './suggestions.ts';
import { isSince, type WindowsFact, type WindowsTable } from './windows-table.ts';

/** Instructions that eBPF for Windows' verifier or its compilers have nothing for (docs/isa-support.rst, PREVAIL). */
const NO_INSTRUCTION: Readonly<Record<string, string>> = {
  may_goto: 'its verifier has no such jump',
  addr_space_cast: 'there are no arenas',
  'packet-load': 'LD_ABS and LD_IND are rejected',
  'indirect-goto': 'there is no jump to a register',
  callback: 'there are no addresses of functions',
  'load-acquire': 'its verifier does not know it',
  'store-release': 'its verifier does not know it',
};

/** What stops a program on a release of eBPF for Windows, and what would behave otherwise there. */
export function judgeOnWindows(
  object: ObjectNeeds,
  program: NeededProgram,
  { table, version }: { readonly table: WindowsTable; readonly version: string },
): Prediction {
  const judge = new WindowsJudge(program, table, version);
  if (object.byteOrder === 'big') judge.judgement.stop('byte order');
  judge.judgeProgram();
  for (const need of program.needs) judge.judgeNeed(need);
  for (const need of program.needs.filter(({ kind }) => kind === 'map')) {
    const map = object.maps.find(({ name }) => name === need.name);
    if (map !== undefined) judge.judgeMap(map.type, map.flags, need);
    if (map?.innerMap != null) judge.judgeMap(map.innerMap.type, map.innerMap.flags, need);
  }
  return judge.judgement.prediction();
}

class WindowsJudge {
  readonly judgement = new Judgement();
  readonly #program: NeededProgram;
  readonly #table: WindowsTable;
  readonly #version: string;

  constructor(program: NeededProgram, table: WindowsTable, version: string) {
    this.#program = program;
    this.#table = table;
    this.#version = version;
  }

  judgeProgram(): void {
    const { type, attachType } = this.#program;
    const sources = this.#table.document.sources.programTypes;
    const found = this.#table.programType(type);
    if (found === undefined) {
      return this.judgement.stop(`program type ${type}`, {
        ...{ since: NEVER, source: cite(sources), instead: insteadOf(type) },
      });
    }
    const attached = found.attach.find(each => each.attachType === (attachType || each.attachType));
    if (attached === undefined) this.#missing(`attach type ${attachType}`, undefined, sources);
    else if (!isSince(this.#version, attached.since)) {
      this.#missing(`attach type ${attachType}`, attached.since, sources);
    }
    this.#noteReturns(type, found.returns);
  }

  judgeNeed({ kind, name, line }: Need): void {
    const more = { line, instead: insteadOf(name), since: NEVER };
    const { sources } = this.#table.document;
    switch (kind) {
      case 'helper':
        return this.#judgeHelper(name, more);
      case 'instruction':
        if (NO_INSTRUCTION[name] === undefined) return;
        return this.judgement.stop(`instruction ${name}`, {
          ...{ ...more, why: NO_INSTRUCTION[name], source: cite(sources.instructions) },
        });
      case 'kfunc':
        return this.judgement.stop(`kfunc ${name}`, { ...more, why: 'it is one of Linux' });
      case 'core':
        return this.judgement.stop(name, { ...more, why: 'there is no CO-RE: no vmlinux BTF' });
      case 'option':
        return this.judgement.stop(`kernel option ${name}`, {
          ...more,
          why: 'there is no .kconfig',
        });
      case 'defect':
      case 'callee':
        return this.judgement.stop(name, { line });
      case 'context':
      case 'global':
      case 'return':
      case 'map':
    }
  }

  judgeMap(type: string, flags: number, { line }: Need): void {
    const fact = this.#table.mapType(type);
    const { mapTypes } = this.#table.document.sources;
    const more = { line, instead: insteadOf(type) };
    if (fact === undefined || !isSince(this.#version, fact.since)) {
      return this.#missing(`map type ${type}`, fact?.since, mapTypes, more);
    }
    if (flags !== 0) this.judgement.note(`flags of a map are ignored on Windows (${type})`);
    this.#note(`map type ${type}`, fact);
  }

  #judgeHelper(name: string, more: Partial<Problem>): void {
    const { type } = this.#program;
    const fact = this.#table.helper(name, type);
    const { helpers } = this.#table.document.sources;
    if (fact === undefined && this.#table.hasHelper(name)) {
      return this.judgement.stop(`helper ${name} for ${type}`, {
        ...{ ...more, why: 'only other program types provide it', source: cite(helpers) },
      });
    }
    if (fact === undefined || !isSince(this.#version, fact.since)) {
      return this.#missing(`helper ${name}`, fact?.since, helpers, more);
    }
    this.#note(`helper ${name}`, fact);
  }

  #missing(
    what: string,
    since: string | undefined,
    sources: readonly string[],
    more: Partial<Problem> = {},
  ): void {
    const known = since === undefined ? NEVER : `eBPF for Windows ${since}`;
    this.judgement.stop(what, { ...more, since: known, source: cite(sources) });
  }

  #note(what: string, { note }: WindowsFact): void {
    if (note !== undefined) this.judgement.note(`${what} on Windows: ${note}`);
  }

  /** A program returns numbers, which mean something else on Windows. */
  #noteReturns(type: string, returns: Readonly<Record<string, number>> | null): void {
    const different = Object.entries(returns ?? {}).filter(
      ([name, value]) => LINUX_RETURNS[name] !== undefined && LINUX_RETURNS[name] !== value,
    );
    if (different.length === 0) return;
    const words = different.map(
      ([name, value]) => `${name} is ${value}, not ${LINUX_RETURNS[name]}`,
    );
    this.judgement.note(
      `${type} on Windows: ${words.join(', ')}; compile for it with its own headers`,
    );
  }
}

const NEVER = 'not on Windows';

/** Of include/uapi/linux/bpf.h. */
const LINUX_RETURNS: Readonly<Record<string, number>> = { XDP_DROP: 1, XDP_PASS: 2, XDP_TX: 3 };

function cite(sources: readonly string[]): string {
  return sources[0]?.replace(/ \(.*$/, '') ?? '';
}
