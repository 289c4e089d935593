import { expect, test } from 'vitest';
import { loadTables } from '../../harness/portability/load-tables.ts';

const { windows } = await loadTables();

test('the table has the releases from 0.20 to 1.5, and the header of each kind of fact', () => {
  expect(windows.versions[0]).toBe('0.20.0');
  expect(windows.versions.at(-1)).toBe('1.5.0');
  for (const files of Object.values(windows.document.sources)) expect(files).not.toHaveLength(0);
  expect(windows.document.commit).toMatch(/^[0-9a-f]{40}$/);
});

test('names are Linux’s where there is one', () => {
  expect(windows.helper('bpf_trace_printk', 'xdp')).toMatchObject({ since: '0.2' });
  expect(windows.helper('bpf_redirect_map', 'xdp')).toBeUndefined();
  expect(windows.hasHelper('bpf_redirect_map')).toBe(true);
  expect(windows.helper('bpf_get_socket_cookie', 'cgroup_sock_addr')).toMatchObject({
    since: '0.17.0',
  });
  expect(windows.mapType('ringbuf')).toBeDefined();
  expect(windows.mapType('xskmap')).toBeUndefined();
});
