import { describe, expect, test } from 'vitest';
import { findLine } from '../../harness/scenarios/find-line.ts';

const TYPESCRIPT = `import { defineScenario, packet } from 'crossbpf';

const SRC = '10.0.0.1'; // { not: 'this' }

export default defineScenario({
  maps: { counts: [{ key: 53, value: 7 }] },
  steps: [
    // A comment with a brace: {
    {
      run: 'count_udp',
      data: packet.ethernet().ipv4({ src: SRC, dst: \`a\${1}\` }).udp({ dst: 53 }),
      expect: { retval: 'XDP_PASS' },
    },
    { read: 'counts', expect: [
      { on: 'linux <6', value: [] },
      { on: 'linux >=6', value: [{ key: 53, value: /[}]/ }] },
    ] },
  ],
  expect: [
    { program: 'count_udp', verdict: 'accept' },
    {
      maps: { counts: { contains: [{ key: 53, value: 3 }] } },
      steps: { 'first packet': { retval: 1 } },
    },
  ],
  compare: {
    variables: { started: { ignore: 'all', because: 'a time' } },
  },
});
`;

describe('the line of a part', () => {
  test.each([
    ['maps.counts', 6],
    ['maps.counts[0].value', 6],
    ['steps[0]', 9],
    ['steps[0].expect.retval', 12],
    ['steps[0].expect[0].retval', 12],
    ['steps[1].expect[1].value', 16],
    ['expect[0].verdict', 20],
    ['expect[1].maps.counts', 22],
    ["expect[1].steps['first packet'].retval", 23],
    ['compare.variables.started', 27],
  ])('%s', (path, line) => {
    expect(findLine(TYPESCRIPT, path)).toBe(line);
  });

  test('is that of what is around it where it is made by code', () => {
    expect(findLine(TYPESCRIPT, 'steps[0].expect.dataOut')).toBe(12);
    const spread = "export default {\n steps: [\n  ...more,\n  { run: 'a' },\n ],\n};";
    expect(findLine(spread, 'steps[1].run')).toBe(2);
    expect(findLine('export default {\n steps,\n};', 'steps[1].run')).toBe(2);
  });

  test('is found in JSON', () => {
    const text = JSON.stringify(
      { steps: [{ run: 'a' }], expect: { variables: { n: 1 } } },
      null,
      1,
    );
    expect(findLine(text, 'expect.variables.n')).toBe(9);
    expect(findLine(text, 'expect[0].variables.n')).toBe(9);
  });

  test('is unknown where the scenario is not written as a literal', () => {
    expect(findLine('export default makeScenario(1);', 'steps[0]')).toBeUndefined();
  });

  test('the line around it, of a member whose name has brackets itself', () => {
    const spread = 'export default {\n expect: {\n  steps: { ...more },\n },\n};';
    expect(findLine(spread, "expect.steps['read counts[1]'].value")).toBe(3);
    expect(findLine(spread, "expect.maps['a[0]']")).toBe(2);
    expect(findLine(spread, 'maps.')).toBeUndefined();
  });

  test('a text that ends early ends the search', () => {
    expect(findLine("export default { steps: [{ run: 'a", 'steps[0].run')).toBe(1);
    expect(findLine('export default {', 'steps')).toBeUndefined();
  });
});
