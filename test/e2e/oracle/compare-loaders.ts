import type { LibbpfAnswer } from '../libbpf-loader/ask-libbpf.ts';
import type { AgentAnswer } from './ask-agent.ts';
import { canonicalLines } from './canonical.ts';

/**
 * How the two loaders differ on a program: one is accepted and the other is not, or with another error; libbpf loads
 * it or has the verifier refuse it, and we do not get so far; another cost; other bytes; a program that only one lists.
 */
export type DifferenceKind = 'verdict' | 'missing' | 'not asked' | 'insns' | 'bytes' | 'program';

export interface Difference {
  readonly object: string;
  readonly program: string;
  readonly kind: DifferenceKind;
  /** libbpf's side, then ours. */
  readonly detail: string;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Programs that both handed to the kernel. */
  readonly both: number;
  /** Those of them that libbpf got loaded. */
  readonly loaded: number;
  /** Programs that we alone handed to the kernel. */
  readonly oursAlone: number;
}

/** Holds the answers on the same objects from one kernel against each other. */
export function compareLoaders(
  libbpf: readonly LibbpfAnswer[],
  agent: readonly AgentAnswer[],
): Comparison {
  const ours = new Map(agent.map(each => [keyOf(each), each]));
  const unreadable = new Map(
    agent.flatMap(each => (each.kind === 'unreadable' ? [[each.object, each.message]] : [])),
  );
  const asked = libbpf.filter(({ handed }) => handed !== null);
  const shared = asked.filter(theirs => isHanded(ours.get(`${theirs.object} ${theirs.program}`)));
  return {
    differences: [
      ...asked.flatMap(theirs =>
        differencesOf(
          theirs,
          ours.get(`${theirs.object} ${theirs.program}`),
          unreadable.get(theirs.object),
        ),
      ),
      ...unlisted(libbpf, ours),
    ],
    both: shared.length,
    loaded: shared.filter(({ error }) => error === null).length,
    oursAlone: agent.filter(isHanded).length - shared.length,
  };
}

function isHanded(answer: AgentAnswer | undefined): boolean {
  return answer?.kind === 'program' && answer.reply.handed !== undefined;
}

/** Programs that only one of the loaders lists, of objects that both can read. */
function unlisted(
  libbpf: readonly LibbpfAnswer[],
  ours: ReadonlyMap<string, AgentAnswer>,
): Difference[] {
  const opened = libbpf.filter(({ program }) => program !== '');
  const objects = new Set(opened.map(({ object }) => object));
  const theirs = new Set(opened.map(({ object, program }) => `${object} ${program}`));
  const onlyOurs = [...ours.values()].flatMap(each =>
    each.kind === 'program' && objects.has(each.object) && !theirs.has(keyOf(each))
      ? [{ object: each.object, program: each.reply.name, detail: 'libbpf does not list it' }]
      : [],
  );
  const onlyTheirs = opened.flatMap(each =>
    each.handed !== null || ours.has(`${each.object} ${each.program}`)
      ? []
      : [{ object: each.object, program: each.program, detail: 'we do not list it' }],
  );
  return [...onlyOurs, ...onlyTheirs].map(each => ({ ...each, kind: 'program' as const }));
}

function keyOf(answer: AgentAnswer): string {
  return `${answer.object} ${answer.kind === 'program' ? answer.reply.name : ''}`;
}

function differencesOf(
  theirs: LibbpfAnswer,
  own: AgentAnswer | undefined,
  unreadable: string | undefined,
): Difference[] {
  const { object, program, error } = theirs;
  const found = (kind: DifferenceKind, detail: string) => ({ object, program, kind, detail });
  const wanting = error === null ? 'missing' : 'not asked';
  if (own?.kind !== 'program') {
    return [found(wanting, unreadable ?? 'the program is not listed')];
  }
  const { reply } = own;
  if (reply.handed === undefined) {
    return [found(wanting, `${error ?? 'loaded'}; ${reply.missing}: ${reply.message}`)];
  }
  const errno = reply.verdict === 'accept' ? null : reply.errno;
  const differences: Difference[] = [];
  if (errno !== error) {
    differences.push(found('verdict', `${error} (${theirs.words}); ${errno} ${reply.message}`));
  }
  if (reply.insns !== theirs.insns) {
    differences.push(found('insns', `${theirs.insns}; ${reply.insns}`));
  }
  const bytes = differentBytes(theirs, own);
  return bytes === undefined ? differences : [...differences, found('bytes', bytes)];
}

/** The first lines that differ. */
function differentBytes(theirs: LibbpfAnswer, own: AgentAnswer): string | undefined {
  if (own.kind !== 'program' || !theirs.handed || !own.reply.handed) return undefined;
  const expected = canonicalLines(theirs.handed);
  const given = canonicalLines(own.reply.handed);
  const length = Math.max(expected.length, given.length);
  const different = Array.from({ length }, (_, at) => at).filter(at => expected[at] !== given[at]);
  if (different.length === 0) return undefined;
  const shown = different.slice(0, 3).map(at => `${at}: ${expected[at]}; ${given[at]}`);
  return `${different.length} of ${length} lines: ${shown.join(' | ')}`;
}
