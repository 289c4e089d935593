import { expect, test } from 'vitest';
import { formatIpAddress, parseIpAddress } from '../../harness/values/ip-address.ts';
import { decodeLpmKey, encodeLpmKey } from '../../harness/values/lpm-key.ts';
import { randomBytes, seeded } from '../support/seeded.ts';

test.each([
  ['10.0.0.0/8', 8, '080000000a000000'],
  ['192.168.1.7', 8, '20000000c0a80107'],
  ['fd00::/8', 20, `08000000fd${'00'.repeat(15)}`],
  ['0x0a0b0c/12', 7, '0c0000000a0b0c'],
  ['0.0.0.0/0', 8, '0000000000000000'],
])('%s', (text, size, hex) => {
  expect(encodeLpmKey(text, { size }).toString('hex')).toBe(hex);
  expect(decodeLpmKey(Buffer.from(hex, 'hex'))).toBe(text.includes('/') ? text : `${text}/32`);
});

test('hex without a length is the whole key', () => {
  expect(encodeLpmKey('0x080000000a000000', { size: 8 }).toString('hex')).toBe('080000000a000000');
  expect(() => encodeLpmKey('0x0a000000', { size: 8 })).toThrow(
    'key: "0x0a000000" has 4 bytes, and 8 are needed',
  );
});

test('the length is in the order of the machine', () => {
  const key = encodeLpmKey('10.0.0.0/8', { size: 8, order: 'big' });
  expect(key.toString('hex')).toBe('000000080a000000');
  expect(decodeLpmKey(key, 'big')).toBe('10.0.0.0/8');
});

test.each([
  ['10.0.0/8', 'key: expected a prefix such as \'10.0.0.0/8\', got "10.0.0/8"'],
  ['10.0.0.0/33', "key: a prefix of 33 bits does not fit the key's 32"],
  ['10.0.0.0/', 'got "10.0.0.0/"'],
  ['fd00::/8', 'key: "fd00::" has 16 bytes, and 4 are needed'],
  ['10.0.0.0/-1', 'expected a prefix'],
  [10, 'got 10'],
])('%s is refused', (text, message) => {
  expect(() => encodeLpmKey(text, { size: 8 })).toThrow(message);
});

test.each([
  ['::', '00'.repeat(16)],
  ['::1', `${'00'.repeat(15)}01`],
  ['1::', `0001${'00'.repeat(14)}`],
  ['2001:db8::1:0:0:1', '20010db8000000000001000000000001'],
  ['1:0:2:0:3:0:4:0', '00010000000200000003000000040000'],
])('%s is in its short form', (text, hex) => {
  expect(parseIpAddress(text)?.toString('hex')).toBe(hex);
  expect(formatIpAddress(Buffer.from(hex, 'hex'))).toBe(text);
});

test('an address may end as one of IPv4', () => {
  expect(parseIpAddress('::ffff:10.0.0.1')?.toString('hex')).toBe(`${'00'.repeat(10)}ffff0a000001`);
  expect(parseIpAddress('1:2:3:4:5:6:7.8.9.10')?.toString('hex')).toBe(
    '0001000200030004000500060708090a',
  );
});

test.each(['1.2.3', '1.2.3.4.5', '1::2::3', 'fe80::1%eth0', ':', '', 'localhost', '01.2.3.4'])(
  '%s is no address',
  text => {
    expect(parseIpAddress(text)).toBeUndefined();
  },
);

test('any address is what it was after there and back, and as the URL standard writes it', () => {
  const random = seeded(1);
  for (let round = 0; round < 2000; round++) {
    const bytes = randomBytes(random, 16).map(byte => (random() < 0.5 ? 0 : byte));
    const text = formatIpAddress(bytes) ?? '';
    expect(parseIpAddress(text)).toEqual(Buffer.from(bytes));
    expect(new URL(`http://[${text}]`).hostname).toBe(`[${text}]`);
  }
});
