import type { CheckResult } from '../../harness/portability/check-objects.ts';
import type { Prediction } from '../../harness/portability/prediction.ts';
import { type Report, reportSchema } from '../../harness/report/report-schema.ts';
import { program, report } from './report-builder.ts';

const ON = { old: 'linux@6.1', new: 'linux@6.12' };

/** A report in which one name stands for everything that comes from an object, a file, a guest or a tool. */
export function reportOf(name: string): Report {
  const at = { file: name, line: 3, column: 2, text: `  ${name}` };
  const steps = [{ insn: 1, text: name, state: { [name]: name } }];
  const source = { insn: 1, function: name, at, steps };
  const rejected = program({ verdict: 'reject', reason: name, source, section: name, log: name });
  const others = { [`second ${name}`]: program() };
  const base = report({
    targets: { [ON.old]: '6.1.192', [ON.new]: '6.12.1' },
    fixtures: {
      [name]: {
        [ON.old]: { [name]: program(), ...others },
        [ON.new]: { [name]: rejected, ...others },
      },
      [`broken ${name}`]: {},
    },
    divergences: [
      {
        ...{ fixture: name, subject: name, path: '', field: 'verdict', expected: false },
        values: { [ON.old]: 'accept', [ON.new]: 'reject' },
      },
      {
        ...{ fixture: name, subject: `map ${name}`, path: '', field: 'value', expected: true },
        ...{ values: { [ON.old]: name, [ON.new]: `${name}!` }, reason: name, declaredAt: name },
      },
    ],
    failedExpectations: [
      {
        ...{ fixture: name, subject: `step ${name}`, path: '', field: 'value', target: ON.new },
        ...{ expected: name, actual: name, declaredAt: `${name}:4 (steps[0])` },
      },
    ],
  });
  return reportSchema.parse({ ...base, ...withErrors(base, name), baseline: changesOf(name) });
}

function withErrors({ targets, fixtures }: Report, name: string) {
  const lost = { code: 'INFRA_X', message: name };
  const error = {
    code: 'USAGE_COMPILE',
    message: name,
    hint: name,
    output: `${name}:1:2: error: ${name}\n`,
  };
  const predictions = [{ fixture: name, program: name, outcome: 'stops', stops: [name] }];
  return {
    targets: targets.map(target =>
      target.id === ON.old ? target : { ...target, error: lost, warnings: [name], predictions },
    ),
    fixtures: fixtures.map(fixture =>
      fixture.id === name
        ? { ...fixture, source: name }
        : { ...fixture, error, source: `b${name}` },
    ),
  };
}

function changesOf(name: string) {
  const change = { fixture: name, subject: name, field: 'reason', target: ON.new, before: name };
  return { file: name, unknown: 1, changes: [{ ...change, after: name, effect: 'regression' }] };
}

/** What `check` found, likewise. */
export function checkResultOf(name: string): CheckResult {
  const floor = { version: '5.10', text: 'Linux 5.10' };
  const problem = { what: name, since: null, line: { file: name, number: 1, text: name } };
  const prediction = {
    ...{ outcome: 'stops', stops: [{ ...problem, instead: name }], unknown: [], notes: [name] },
  } as unknown as Prediction;
  const target = { id: ON.old, platform: 'linux', version: '6.1' } as const;
  return {
    ...{ targets: [target], types: new Map([[target.id, name]]) },
    objects: [
      {
        ...{ id: name, file: name, error: null },
        programs: [
          {
            ...{ name, type: 'xdp', section: name, linux: floor, windows: floor },
            predictions: new Map([[target.id, prediction]]),
          },
        ],
      },
      { id: `b${name}`, file: `b${name}`, error: name, programs: [] },
    ],
    ...{ linux: floor, windows: floor },
  } as unknown as CheckResult;
}
