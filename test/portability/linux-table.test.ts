import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { compareKernelVersions } from '../../harness/kernels/kernel-version.ts';
import { formatLinuxTable } from '../../harness/portability/format-linux-table.ts';
import { linuxTableDocument } from '../../harness/portability/linux-table-schema.ts';
import { loadTables } from '../../harness/portability/load-tables.ts';
import { sinceOf, supportIn } from '../../harness/portability/since.ts';
import { documentedFacts, upstreamVersion } from '../../harness/portability/upstream-versions.ts';

const { linux: table } = await loadTables();
const helper = (name: string, kind: string | null = null) =>
  ({ list: 'helpers', name, kind }) as const;

test('the table is one build of each series that there is, and as compact as it is written', async () => {
  const file = path.join(import.meta.dirname, '../../harness/portability/linux-features.json');
  const text = await readFile(file, 'utf8');
  expect(table.series).toEqual([
    ...['5.10', '6.1', '6.12', '6.16', '6.17', '6.18', '6.19', '7.0', '7.1', '7.2', '7.3'],
  ]);
  expect(formatLinuxTable(linuxTableDocument.parse(JSON.parse(text)))).toBe(text);
  expect(text.length).toBeLessThan(300_000);
});

test('nothing in it was left unclear', () => {
  expect(Object.keys(table.builds)).not.toHaveLength(0);
  expect(table.unclear()).toEqual([]);
});

test('what is documented agrees with what the kernels before and behind said', () => {
  const wrong = documentedFacts().filter(fact => {
    const present = table.presence(fact);
    const first = table.series.find(series => present.has(series));
    const previous = table.series[table.series.indexOf(first ?? '') - 1];
    const version = upstreamVersion(fact)?.version;
    if (first === undefined) return true;
    // A helper as old as the oldest series has no row of its own.
    if (version === undefined) return previous !== undefined;
    const late = previous === undefined || compareKernelVersions(version, previous) > 0;
    return !late || compareKernelVersions(version, first) > 0;
  });
  expect(wrong.filter(fact => table.presence(fact).size > 0)).toEqual([]);
  // BPF_KPROBE_OVERRIDE and BPF_LIRC_MODE2 are off in these builds.
  expect(wrong.map(({ name }) => name).sort()).toEqual([
    ...['bpf_override_return', 'bpf_rc_keydown', 'bpf_rc_pointer_rel', 'bpf_rc_repeat'],
  ]);
});

test.each([
  [helper('bpf_loop'), 'Linux 5.17'],
  [helper('bpf_map_lookup_elem'), 'Linux 5.10 or before'],
  [helper('bpf_ringbuf_output'), 'Linux 5.10 or before'],
  [{ list: 'instructions', name: 'may_goto' } as const, 'Linux 6.9'],
  [{ list: 'mapTypes', name: 'arena' } as const, 'Linux 6.9'],
  [{ list: 'programTypes', name: 'netfilter' } as const, 'Linux 6.4'],
  // Nothing is written of these: the kernels alone tell.
  [{ list: 'iterators', name: 'task_vma' } as const, 'after 5.10, by 6.1'],
  [{ list: 'kfuncs', name: 'bpf_strcmp', kind: null } as const, 'after 6.16, by 6.17'],
  [{ list: 'mapTypes', name: 'no_such' } as const, 'not in 7.3 or before'],
])('since when: %o', (fact, text) => {
  expect(sinceOf(table, fact)?.text).toBe(text);
});

test('every answer says where it is from', () => {
  expect(sinceOf(table, helper('bpf_loop'))?.source).toContain('bpf.h');
  expect(sinceOf(table, { list: 'instructions', name: 'may_goto' })?.source).toContain(
    '011832b97b31',
  );
  expect(sinceOf(table, { list: 'iterators', name: 'task_vma' })?.source).toBe('probed');
});

test('between two series: upstream’s word, or agreement of both, or unknown', () => {
  expect(supportIn(table, '5.15', helper('bpf_loop'))).toBe('no');
  expect(supportIn(table, '5.17', helper('bpf_loop'))).toBe('yes');
  expect(supportIn(table, '6.6', helper('bpf_loop'))).toBe('yes');
  expect(supportIn(table, '6.6', { list: 'iterators', name: 'task_vma' })).toBe('yes');
  expect(supportIn(table, '5.15', { list: 'iterators', name: 'task_vma' })).toBe('unknown');
  expect(supportIn(table, '5.4', { list: 'mapTypes', name: 'hash' })).toBe('unknown');
});

test('helpers are by kind of program', () => {
  expect(supportIn(table, '6.12', helper('bpf_get_socket_cookie', 'tracing/trace_fentry'))).toBe(
    'yes',
  );
  expect(supportIn(table, '6.12', helper('bpf_get_socket_cookie', 'kprobe'))).toBe('no');
  expect(supportIn(table, '5.10', helper('bpf_copy_from_user', 'lsm/lsm_mac'))).toBe('no');
  expect(supportIn(table, '5.10', helper('bpf_copy_from_user', 'lsm/lsm_mac+sleepable'))).toBe(
    'yes',
  );
});
