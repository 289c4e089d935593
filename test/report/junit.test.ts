import { expect, test } from 'vitest';
import { renderJUnit } from '../../harness/report/junit.ts';
import { program, report } from '../support/report-builder.ts';

const document = report({
  targets: { 'linux@5.10': '5.10.262', 'linux@6.12': '6.12.117' },
  fixtures: {
    a: {
      'linux@5.10': {
        first: program({ verdict: 'unsupported', reason: 'no map type "arena" & more' }),
        second: program({ verdict: 'reject' }),
      },
      'linux@6.12': { first: program(), second: program() },
    },
    b: { 'linux@6.12': { only: program() } },
  },
  divergences: [
    {
      ...{ fixture: 'a', subject: 'second', path: '', field: 'verdict', expected: false },
      values: { 'linux@5.10': 'reject', 'linux@6.12': 'accept' },
    },
  ],
  failedExpectations: [
    {
      ...{ fixture: 'b', subject: 'map counts', path: '', field: 'value', target: 'linux@6.12' },
      ...{ expected: '<7>', actual: '\u0007', declaredAt: 'b.scenario.ts:3' },
    },
  ],
});

test('a suite a target, a case a program, and one for a scenario that is not as expected', () => {
  expect(renderJUnit(document)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="linux@5.10" tests="3" timestamp="2026-01-02T03:04:05.000Z" failures="1" errors="1" skipped="1" time="0.003">
    <testcase classname="a" name="first" time="0.002">
      <skipped message="no map type &quot;arena&quot; &amp; more"/>
    </testcase>
    <testcase classname="a" name="second" time="0.002">
      <failure message="second, verdict differs: linux@5.10: reject · linux@6.12: accept">second, verdict differs: linux@5.10: reject · linux@6.12: accept</failure>
    </testcase>
    <testcase classname="b" name="b" time="0.000">
      <error message="there is no answer">there is no answer</error>
    </testcase>
  </testsuite>
  <testsuite name="linux@6.12" tests="4" timestamp="2026-01-02T03:04:05.000Z" failures="2" errors="0" skipped="0" time="0.010">
    <testcase classname="a" name="first" time="0.002"/>
    <testcase classname="a" name="second" time="0.002">
      <failure message="second, verdict differs: linux@5.10: reject · linux@6.12: accept">second, verdict differs: linux@5.10: reject · linux@6.12: accept</failure>
    </testcase>
    <testcase classname="b" name="only" time="0.002"/>
    <testcase classname="b" name="scenario" time="0.005">
      <failure message="map counts, value: expected &lt;7&gt;, got � (b.scenario.ts:3)">map counts, value: expected &lt;7&gt;, got � (b.scenario.ts:3)</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test('a program that is rejected, with the words of the verifier', () => {
  const text = renderJUnit(
    report({
      targets: { 'linux@5.10': '5.10.262' },
      fixtures: { a: { 'linux@5.10': { first: program({ verdict: 'reject', reason: 'R1 !' }) } } },
      failedExpectations: [
        {
          ...{ fixture: 'a', subject: 'first', path: '', field: 'verdict', target: 'linux@5.10' },
          ...{ expected: 'accept', actual: 'reject', declaredAt: 'a.bpf.c', undeclared: true },
        },
      ],
    }),
  );
  expect(text).toContain(
    'message="first, verdict: expected accept, got reject: R1 ! (nothing declares it; a.bpf.c)"',
  );
});
