import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { QmpClient, QmpError, QmpRefusal } from '../../harness/vm/qmp.ts';

/** A client, and QEMU's end of its connection. */
function connect() {
  const [ours, qemu] = duplexPair();
  qemu.setEncoding('utf8');
  const client = new QmpClient(ours);
  let received = '';
  qemu.on('data', (text: string) => {
    received += text;
  });
  const sent = () =>
    received
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));
  const answer = (message: object) => qemu.write(`${JSON.stringify(message)}\r\n`);
  return { client, qemu, sent, answer };
}

const GREETING = { QMP: { version: { qemu: { major: 7 } }, capabilities: ['oob'] } };
const tick = () => new Promise(resolve => setImmediate(resolve));

test('negotiates and sends commands without waiting for the greeting', async () => {
  const { client, sent, answer } = connect();
  const status = client.execute('query-status', { detail: 1 });
  await tick();
  expect(sent()).toEqual([
    { execute: 'qmp_capabilities', arguments: {}, id: 1 },
    { execute: 'query-status', arguments: { detail: 1 }, id: 2 },
  ]);
  for (const message of [GREETING, { return: {}, id: 1 }, { return: { status: 'up' }, id: 2 }]) {
    answer(message);
  }
  await expect(status).resolves.toEqual({ status: 'up' });
});

test('gives each answer to the command with its id', async () => {
  const { client, answer } = connect();
  const both = Promise.all([client.execute('a'), client.execute('b')]);
  answer({ return: 'of b', id: 3 });
  answer({ return: 'of a', id: 2 });
  await expect(both).resolves.toEqual(['of a', 'of b']);
});

test('rejects a command that QEMU refuses, with its words', async () => {
  const { client, answer } = connect();
  const refused = client.execute('migrate');
  answer({ error: { class: 'GenericError', desc: 'no such file' }, id: 2 });
  await expect(refused).rejects.toThrow(new QmpRefusal('QEMU refused migrate: no such file'));
});

test('tells listeners of events, also in pieces, until they stop', async () => {
  const { client, qemu, answer } = connect();
  const names: string[] = [];
  const stop = client.onEvent(({ event, data }) => names.push(`${event} ${data['id']}`));
  qemu.write('{"event":"VSERPORT_CHANGE","data":{"id":"ag');
  await tick();
  qemu.write('ent"}}\n{"event":"STOP"}\n');
  await tick();
  stop();
  answer({ event: 'RESUME' });
  await tick();
  expect(names).toEqual(['VSERPORT_CHANGE agent', 'STOP undefined']);
});

test('rejects what is waiting and what comes later when QEMU is gone', async () => {
  const { client, qemu } = connect();
  const waiting = client.execute('stop');
  qemu.end();
  await expect(waiting).rejects.toThrow(QmpError);
  await expect(client.execute('cont')).rejects.toThrow(/connection .* is gone/);
});

test.each(['hello', '{"foo": 1}', '[]'])(
  'ends the connection on what is not QMP: %s',
  async text => {
    const { client, qemu } = connect();
    const waiting = client.execute('stop');
    qemu.write(`${text}\n`);
    await expect(waiting).rejects.toThrow(`it sent what is not QMP: ${text}`);
  },
);
