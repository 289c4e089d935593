import { judgeMaps } from './judge-maps.ts';
import { kindOf } from './kinds.ts';
import type { Fact, LinuxTable } from './linux-table.ts';
import type { Finding, Need, NeededProgram, ObjectNeeds } from './needs.ts';
import { Judgement, type Prediction, type Problem } from './prediction.ts';
import { sinceOf, supportIn } from './since.ts';
import { insteadOf } from './suggestions.ts';
import { isOutdated, verifierRules } from './verifier-rules.ts';

export interface LinuxQuestion {
  readonly table: LinuxTable;
  /** `6.12`, or one between those of the table. */
  readonly version: string;
  /** What its types say; undefined where they are not at hand. */
  readonly finding: Finding | undefined;
  /** The kernel's configuration, `CONFIG_HZ` to `250`; undefined where it is not at hand. */
  readonly options: ReadonlyMap<string, string> | undefined;
}

/** What stops a program on a version of Linux, as far as tables and types tell. */
export function judgeOnLinux(
  object: ObjectNeeds,
  program: NeededProgram,
  question: LinuxQuestion,
): Prediction {
  const judge = new LinuxJudge(object, program, question);
  judge.judge();
  return judge.judgement.prediction();
}

/** What a judge of one program works with. */
export class LinuxJudge {
  readonly judgement = new Judgement();
  readonly object: ObjectNeeds;
  readonly program: NeededProgram;
  readonly question: LinuxQuestion;
  readonly kind: string | null;
  readonly #unreached: ReadonlySet<number>;
  #reached: Map<Need['kind'], Need[]> | undefined;

  constructor(object: ObjectNeeds, program: NeededProgram, question: LinuxQuestion) {
    this.object = object;
    this.program = program;
    this.question = question;
    this.kind = kindOf(program);
    this.#unreached = new Set(question.finding?.unreached ?? program.unreached);
  }

  judge(): void {
    if (this.object.byteOrder === 'big') {
      return this.judgement.stop('byte order', { why: 'the object is for big-endian machines' });
    }
    if (this.program.type === 'unspec') {
      return this.judgement.stop(`section "${this.program.section}"`, {
        why: 'no program type is known by it',
      });
    }
    judgeMaps(this);
    this.#judgeProgram();
    this.#judgeTarget();
    for (const [index, need] of this.program.needs.entries()) {
      if (!this.#unreached.has(index)) this.#judgeNeed(need, index);
      else if (need.kind === 'kfunc' && !need.weak) this.#judgeKfunc(need, index);
      else if (need.kind === 'symbol' && !need.weak) this.#judgeSymbol(need, index);
    }
    verifierRules(this);
  }

  /** The needs of a kind that this kernel comes by. */
  reached(kind: Need['kind']): Need[] {
    this.#reached ??= Map.groupBy(
      this.program.needs.filter((_, index) => !this.#unreached.has(index)),
      need => need.kind,
    );
    return this.#reached.get(kind) ?? [];
  }

  /** Says that a fact is missing or not known; gives whether it is there. */
  require(fact: Fact, what: string, more: Partial<Problem> = {}): boolean {
    const { table, version } = this.question;
    const support = supportIn(table, version, fact);
    if (support === 'yes') return true;
    const since = sinceOf(table, fact);
    const problem = { since: since?.text ?? null, source: since?.source ?? null, ...more };
    if (support === 'no') this.judgement.stop(what, problem);
    else this.judgement.unknown(what, { ...problem, why: `${version} was not probed` });
    return false;
  }

  #judgeProgram(): void {
    const { type, attachType, frags } = this.program;
    if (!this.require({ list: 'programTypes', name: type }, `program type ${type}`)) return;
    if (attachType !== '' && type !== 'struct_ops') {
      const late = ATTACHED_LATE.has(type);
      const fact = { list: 'attachTypes', name: attachType } as const;
      if (!this.require(fact, `attach type ${attachType}`, { late }) && !late) return;
    }
    if (frags) {
      const fact = { list: 'helpers', name: 'bpf_xdp_load_bytes', kind: null } as const;
      this.require(fact, 'program flag BPF_F_XDP_HAS_FRAGS');
    }
  }

  #judgeTarget(): void {
    const { type, attachTo } = this.program;
    const { finding } = this.question;
    if (type === 'lsm') this.#judgeHook(attachTo);
    else if (type === 'ext') {
      this.judgement.stop(`program with function ${attachTo} to extend`, {
        why: 'an extension needs the program that it extends',
      });
    } else if (finding?.target != null) {
      const why = finding.target.startsWith('kernel function') ? NOT_IN_MODULES : '';
      this.judgement.stop(finding.target, { why, instead: insteadOf(finding.target) });
    } else if (finding === undefined && (type === 'tracing' || type === 'struct_ops')) {
      this.judgement.unknown(`${attachTo || type}`, { why: NO_TYPES });
    }
  }

  #judgeHook(hook: string): void {
    if (!this.require({ list: 'lsmHooks', name: hook }, `LSM hook ${hook}`)) return;
    if (this.program.sleepable) {
      const fact = { list: 'sleepableHooks', name: hook } as const;
      this.require(fact, `LSM hook ${hook} for a program that may sleep`);
    }
  }

  #judgeNeed(need: Need, index: number): void {
    const { line, name } = need;
    switch (need.kind) {
      case 'helper':
        this.#judgeHelper(need);
        break;
      case 'instruction': {
        // What a kfunc needs is said of the kfunc: one that may be missing is not called then.
        if (name === 'kfunc') break;
        const fact = { list: 'instructions', name } as const;
        this.require(fact, `instruction ${name}`, { line, instead: insteadOf(name) });
        break;
      }
      case 'kfunc':
        this.#judgeKfunc(need, index);
        break;
      case 'symbol':
        this.#judgeSymbol(need, index);
        break;
      case 'core':
        this.#judgeCore(need, index);
        break;
      case 'option':
        this.#judgeOption(need);
        break;
      case 'callee':
        this.judgement.stop(`function ${name} in the object`, { line });
        break;
      case 'defect':
        if (!isOutdated(name, this)) this.judgement.stop(name, { line });
        break;
      case 'context':
      case 'member':
      case 'global':
      case 'return':
      case 'map':
    }
  }

  #judgeHelper({ name, line }: Need): void {
    const { table, version } = this.question;
    const kind = this.#knownKind();
    const anywhere = { list: 'helpers', name, kind: null } as const;
    const instead = insteadOf(name);
    if (!this.require(anywhere, `helper ${name}`, { line, instead }) || kind === null) return;
    const here = { list: 'helpers', name, kind } as const;
    if (supportIn(table, version, here) === 'yes') return;
    const since = table.presence(here).size === 0 ? null : sinceOf(table, here);
    this.judgement.stop(`helper ${name} for ${kind}`, {
      ...{ line, instead, since: since?.text ?? null, source: since?.source ?? null },
      why: 'programs of this kind may not call it',
    });
  }

  /** The kind as this version was probed for it: kinds that may sleep were not everywhere. */
  #knownKind(): string | null {
    const { table, version } = this.question;
    for (const kind of [this.kind, this.kind?.replace('+sleepable', '')]) {
      if (kind == null) return null;
      if (supportIn(table, version, { list: 'kinds', name: kind }) === 'yes') return kind;
    }
    return null;
  }

  #judgeKfunc({ name, line }: Need, index: number): void {
    const { finding, table, version } = this.question;
    // What follows three underscores is for the program alone.
    const essential = name.replace(/___.*$/, '');
    const fact = { list: 'kfuncs', name: essential, kind: null } as const;
    const since = sinceOf(table, fact);
    const more = { line, instead: insteadOf(name), since: since?.text ?? null };
    if (finding?.absent.includes(index)) {
      return this.judgement.stop(`kfunc ${name}`, { ...more, why: NOT_IN_MODULES });
    }
    if (finding?.different.includes(index)) {
      return this.judgement.stop(`kfunc ${name} with this signature`, more);
    }
    const known = table.presence(fact).size > 0;
    if (finding === undefined && !known) return this.judgement.unknown(`kfunc ${name}`, more);
    if (!known || !this.require(fact, `kfunc ${name}`, more)) return;
    const kind = this.#knownKind()?.replace('+sleepable', '') ?? null;
    const here = { list: 'kfuncs', name: essential, kind } as const;
    const asked = kind !== null && KFUNC_KINDS.has(kind);
    if (asked && supportIn(table, version, here) === 'no') {
      this.judgement.stop(`kfunc ${name} for ${kind}`, {
        ...more,
        why: 'programs of this kind may not call it',
      });
    }
  }

  #judgeSymbol({ name, line }: Need, index: number): void {
    const { finding } = this.question;
    const what = `kernel symbol ${name}`;
    if (finding === undefined) return this.judgement.unknown(what, { line, why: NO_TYPES });
    if (finding.absent.includes(index)) this.judgement.stop(what, { line, why: NOT_IN_MODULES });
    if (finding.different.includes(index)) this.judgement.stop(`${what} of this type`, { line });
  }

  #judgeCore({ name, line }: Need, index: number): void {
    const { finding } = this.question;
    if (finding === undefined) return this.judgement.unknown(name, { line, why: NO_TYPES });
    if (!finding.absent.includes(index)) return;
    this.judgement.stop(name, {
      ...{ line, why: 'this kernel has none, and nothing guards the line' },
      instead: `guard it with bpf_core_${name.startsWith('field') ? 'field' : 'type'}_exists()`,
    });
  }

  #judgeOption({ name, line }: Need): void {
    if (name.endsWith('as declared')) {
      return this.judgement.stop(name, { line, why: 'the loader wants an int of 32 bits' });
    }
    if (!name.startsWith('CONFIG_')) return;
    const { options } = this.question;
    if (options === undefined) this.judgement.unknown(`kernel option ${name}`, { line });
    else if (!options.has(name)) this.judgement.stop(`kernel option ${name}`, { line });
  }
}

/** Types whose attach type a kernel looks at only when they are attached. */
const ATTACHED_LATE = new Set(['sched_cls', 'kprobe', 'perf_event', 'tracepoint']);

const NO_TYPES = 'the types of this kernel are not at hand: crossbpf kernels fetch';

const NOT_IN_MODULES = 'the kernel itself has none; what its modules have is not known';

/** Kinds that kernels were asked for of each kfunc (`agent/features/kfuncs_linux.go`). */
const KFUNC_KINDS = new Set([
  ...['xdp', 'sched_cls', 'sched_act', 'socket_filter', 'cgroup_skb', 'sock_ops', 'sk_skb'],
  ...['cgroup_sock_addr/cgroup_inet4_connect', 'cgroup_sock_addr/cgroup_unix_connect'],
  ...['cgroup_sockopt/cgroup_getsockopt', 'lwt_xmit', 'netfilter', 'kprobe', 'tracepoint'],
  ...['perf_event', 'raw_tracepoint', 'tracing/trace_fentry', 'tracing/trace_raw_tp'],
  ...['tracing/trace_iter', 'lsm/lsm_mac', 'syscall', 'struct_ops/tcp_congestion_ops'],
]);
