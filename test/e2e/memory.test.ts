import path from 'node:path';
import { expect, test } from 'vitest';
import { runFixtures } from '../../harness/index.ts';

const fixtures = [path.join(import.meta.dirname, 'memory', 'maps.bpf.c')];

test.each(['linux@5.10', 'linux@6.12'])(
  '%s: a map that finds no memory is no verdict but a missing answer; a hash table is made smaller',
  async target => {
    const report = await runFixtures({ fixtures, targets: [target] });
    const result = report.fixtures[0]?.results[target];
    expect(result?.status).toBe('infra');
    expect(result?.status === 'infra' && result.error.message).toMatch(
      /^out of memory: map large_array \(625 MiB\) of program in_array, where there are \d+ MiB in all; a guest gets more by memory: 1536 in the configuration$/,
    );
    expect(Object.keys(result?.programs ?? {}).toSorted()).toEqual(['in_hash', 'in_small']);
    expect(result?.programs?.['in_small']).toMatchObject({ verdict: 'accept', notes: [] });
    expect(result?.programs?.['in_hash']).toMatchObject({
      verdict: 'accept',
      notes: [
        expect.stringMatching(
          /^map large_hash: it was made smaller, \d+ instead of 4000000 entries, as memory did not suffice$/,
        ),
      ],
    });
  },
);
