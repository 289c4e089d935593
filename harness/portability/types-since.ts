import type { ByVersion } from './floor.ts';
import type { Prediction, Problem } from './prediction.ts';

/** What is looked up in the types of kernels, of which no table says since when it is there. */
const FROM_TYPES =
  /^(kernel function|field|type|value|tracepoint|iterator|struct_ops|struct_ops member|kfunc|kernel symbol|argument|result of|struct behind|\d bytes at) /;

/** The prediction, with since or until when things of a kernel's types are there, as all series that were looked into tell. */
export function withTypesSince(prediction: Prediction, versions: ByVersion): Prediction {
  const complete = (problem: Problem): Problem => {
    if (!FROM_TYPES.test(problem.what)) return problem;
    if (problem.since !== null && !problem.since.startsWith('not in ')) return problem;
    const since = sinceOf(problem.what, versions);
    return since === null ? problem : { ...problem, since, source: 'types of each series' };
  };
  return { ...prediction, stops: prediction.stops.map(complete) };
}

function sinceOf(what: string, versions: ByVersion): string | null {
  const known = versions.filter(({ prediction }) => prediction.unknown.length === 0);
  const lacks = ({ prediction }: ByVersion[number]) =>
    prediction.stops.some(problem => problem.what === what);
  const first = known.findIndex(each => !lacks(each));
  const last = known.findLastIndex(each => !lacks(each));
  if (known.length === 0) return null;
  if (first < 0) return `in no Linux from ${known[0]?.version} to ${known.at(-1)?.version}`;
  const before = known[first - 1];
  const after = known[last + 1];
  const come = before === undefined ? '' : `after ${before.version}, by ${known[first]?.version}`;
  const gone = after === undefined ? '' : `gone by ${after.version}`;
  return [come, gone].filter(text => text !== '').join(', ') || null;
}
