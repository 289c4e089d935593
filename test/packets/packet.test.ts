import { expect, test } from 'vitest';
import { packet } from '../../harness/packets/packet.ts';

/*
 * The bytes are scapy 2.8.0's: `raw(EXPRESSION).hex()`, where
 * M = dict(src='02:00:00:00:00:01', dst='02:00:00:00:00:02'),
 * I = dict(src='10.0.0.1', dst='10.0.0.2') and S = dict(src='fd00::1', dst='fd00::2').
 */
test.each([
  [
    `Ether(**M)/IP(**I,id=0)/UDP(sport=49152,dport=53)`,
    packet.ethernet().ipv4().udp({ dst: 53 }),
    '02000000000202000000000108004500001c00000000401166cf0a0000010a000002c000003500082ba6',
  ],
  [
    `Ether(**M)/IP(**I,id=0)/UDP(sport=49152,dport=53)/b'hi'`,
    packet.ethernet().ipv4().udp({ dst: 53 }).payload('hi'),
    '02000000000202000000000108004500001e00000000401166cd0a0000010a000002c0000035000ac3386869',
  ],
  [
    `Ether(**M)/IP(**I,id=0)/UDP(sport=49152,dport=53)/b'odd'`,
    packet.ethernet().ipv4().udp({ dst: 53 }).payload('odd'),
    '02000000000202000000000108004500001f00000000401166cc0a0000010a000002c0000035000b583b6f6464',
  ],
  [
    `Ether(src='aa:bb:cc:dd:ee:ff',dst='ff:ff:ff:ff:ff:ff')/Dot1Q(vlan=100,prio=5)/IP(src='192.168.1.7',dst='8.8.8.8',ttl=3,tos=0xb8,id=0x1234,flags='DF')/TCP(sport=1234,dport=443,seq=0x01020304,ack=0xfffefdfc,flags='PA',window=512,urgptr=7)/b'GET /'`,
    packet
      .ethernet({ src: 'aa:bb:cc:dd:ee:ff', dst: 'ff-ff-ff-ff-ff-ff' })
      .vlan({ id: 100, priority: 5 })
      .ipv4({
        src: '192.168.1.7',
        dst: '8.8.8.8',
        ttl: 3,
        tos: 0xb8,
        id: 0x1234,
        dontFragment: true,
      })
      .tcp({
        src: 1234,
        dst: 443,
        seq: 0x01020304,
        ack: 0xfffefdfc,
        flags: ['psh', 'ack'],
        window: 512,
        urgent: 7,
      })
      .payload('GET /'),
    'ffffffffffffaabbccddeeff8100a064080045b8002d1234400003069320c0a801070808080804d201bb01020304fffefdfc50180200090d0007474554202f',
  ],
  [
    `Ether(**M,type=0x88a8)/Dot1Q(vlan=7)/Dot1Q(vlan=4095,prio=7,id=1)/IPv6(**S)/UDP(sport=5353,dport=5353)/b'x'`,
    packet
      .ethernet({ type: 0x88a8 })
      .vlan({ id: 7 })
      .vlan({ id: 4095, priority: 7, dropEligible: true })
      .ipv6()
      .udp({ src: 5353, dst: 5353 })
      .payload('x'),
    '02000000000202000000000188a800078100ffff86dd6000000000091140fd000000000000000000000000000001fd00000000000000000000000000000214e914e90009640578',
  ],
  [
    `IP(**I,id=0)/TCP(sport=49152,dport=80,flags='S',window=65535)`,
    packet.ipv4().tcp(),
    '4500002800000000400666ce0a0000010a000002c000005000000000000000005002ffffdb8f0000',
  ],
  [
    `IP(**I,id=0)/TCP(sport=49152,dport=80,flags='SEC',window=65535,options=[('MSS',1460),('WScale',7),('NOP',None)])`,
    packet
      .ipv4()
      .tcp({ flags: ['syn', 'ece', 'cwr'], options: Buffer.from('020405b403030701', 'hex') }),
    '4500003000000000400666c60a0000010a000002c0000050000000000000000070c2ffffa90b0000020405b403030701',
  ],
  [
    `IPv6(src='2001:db8::1',dst='2001:db8::ff',hlim=1,tc=0xff,fl=0xabcde)/TCP(sport=1,dport=2,flags='FRU',window=0)/b'abc'`,
    packet
      .ipv6({
        src: '2001:db8::1',
        dst: '2001:db8::ff',
        hopLimit: 1,
        trafficClass: 0xff,
        flowLabel: 0xabcde,
      })
      .tcp({ src: 1, dst: 2, flags: ['fin', 'rst', 'urg'], window: 0 })
      .payload('abc'),
    '6ffabcde0017060120010db800000000000000000000000120010db80000000000000000000000ff000100020000000000000000502500008ee50000616263',
  ],
  [
    `IP(**I,id=0)/ICMP(id=0,seq=0)`,
    packet.ipv4().icmp(),
    '4500001c00000000400166df0a0000010a0000020800f7ff00000000',
  ],
  [
    `IP(**I,id=0)/ICMP(type=3,code=4,nexthopmtu=1500)/b'payload'`,
    packet.ipv4().icmp({ type: 3, code: 4, sequence: 1500 }).payload('payload'),
    '4500002300000000400166d80a0000010a000002030439f0000005dc7061796c6f6164',
  ],
  [
    `IPv6(**S)/ICMPv6EchoRequest(id=0x1234,seq=2,data=b'ping!')`,
    packet.ipv6().icmpv6({ id: 0x1234, sequence: 2 }).payload('ping!'),
    '60000000000d3a40fd000000000000000000000000000001fd000000000000000000000000000002800073ac1234000270696e6721',
  ],
  [
    `Ether(**M)/ARP(op=1,hwsrc='02:00:00:00:00:01',psrc='10.0.0.1',hwdst='00:00:00:00:00:00',pdst='10.0.0.2')`,
    packet.ethernet().arp(),
    '020000000002020000000001080600010800060400010200000000010a0000010000000000000a000002',
  ],
  [
    `Ether(**M)/ARP(op=2,hwsrc='02:00:00:00:00:09',psrc='10.0.0.9',hwdst='02:00:00:00:00:01',pdst='10.0.0.1')`,
    packet.ethernet().arp({
      operation: 2,
      senderMac: '02:00:00:00:00:09',
      senderIp: '10.0.0.9',
      targetMac: '02:00:00:00:00:01',
      targetIp: '10.0.0.1',
    }),
    '020000000002020000000001080600010800060400020200000000090a0000090200000000010a000001',
  ],
  [
    `IP(src='1.2.3.4',dst='5.6.7.8',id=9,proto=17,flags='MF',frag=185)/b'12345678'`,
    packet
      .ipv4({
        src: '1.2.3.4',
        dst: '5.6.7.8',
        id: 9,
        protocol: 17,
        moreFragments: true,
        fragmentOffset: 185,
      })
      .payload('12345678'),
    '4500001c000920b9401149fc01020304050607083132333435363738',
  ],
  [
    `IP(**I,id=0,options=[IPOption_NOP(),IPOption_NOP(),IPOption_NOP()])/UDP(sport=1,dport=2)/b'z'`,
    packet
      .ipv4({ options: Buffer.from([1, 1, 1]) })
      .udp({ src: 1, dst: 2 })
      .payload('z'),
    '4600002100000000401163c90a0000010a0000020101010000010002000971d67a',
  ],
  [
    `IP(src='172.16.0.1',dst='172.16.0.2',id=0)/IP(**I,id=0)/UDP(sport=49152,dport=9)`,
    packet.ipv4({ src: '172.16.0.1', dst: '172.16.0.2' }).ipv4().udp(),
    '4500003000000000400422a7ac100001ac1000024500001c00000000401166cf0a0000010a000002c000000900082bd2',
  ],
  [
    `IP(src='172.16.0.1',dst='172.16.0.2',id=0)/IPv6(**S)/UDP(sport=49152,dport=9)`,
    packet.ipv4({ src: '172.16.0.1', dst: '172.16.0.2' }).ipv6().udp(),
    '45000044000000004029226eac100001ac1000026000000000081140fd000000000000000000000000000001fd000000000000000000000000000002c0000009000845d0',
  ],
  [
    `IPv6(**S)/IP(**I,id=0)/ICMP(id=5,seq=6)`,
    packet.ipv6().ipv4().icmp({ id: 5, sequence: 6 }),
    '60000000001c0440fd000000000000000000000000000001fd0000000000000000000000000000024500001c00000000400166df0a0000010a0000020800f7f400050006',
  ],
  [
    `Ether(**M)/IP(**I,id=0)/UDP(sport=49152,dport=4789)/VXLAN(vni=42,flags='Instance')/Ether(**M)/IP(**I,id=0)/UDP(sport=49152,dport=9)/b'in'`,
    packet
      .ethernet()
      .ipv4()
      .udp({ dst: 4789 })
      .payload(Buffer.from('0800000000002a00', 'hex'))
      .ethernet()
      .ipv4()
      .udp()
      .payload('in'),
    '020000000002020000000001080045000050000000004011669b0a0000010a000002c00012b5003ceed80800000000002a0002000000000202000000000108004500001e00000000401166cd0a0000010a000002c0000009000ac25f696e',
  ],
  [
    `IP(src='0.0.0.0',dst='0.0.0.0',id=0)/UDP(sport=0xffde,dport=0)`,
    packet.ipv4({ src: '0.0.0.0', dst: '0.0.0.0' }).udp({ src: 0xffde, dst: 0 }),
    '4500001c0000000040117ad20000000000000000ffde00000008ffff',
  ],
  [
    `IP(**I,id=0)/UDP(sport=49152,dport=53,chksum=0)/b'hi'`,
    packet.ipv4().udp({ dst: 53, checksum: 0 }).payload('hi'),
    '4500001e00000000401166cd0a0000010a000002c0000035000a00006869',
  ],
])('%s', (_expression, made, hex) => {
  expect(made.bytes().toString('hex')).toBe(hex);
});

test('a packet does not change', () => {
  const start = packet.ethernet().ipv4();
  const bytes = start.bytes();
  start.udp().payload('more');
  expect(start.bytes()).toEqual(bytes);
  expect(packet.bytes()).toHaveLength(0);
});

test('a payload is a copy', () => {
  const content = Buffer.from('ab');
  const made = packet.payload(content);
  content[0] = 0;
  expect(made.bytes().toString()).toBe('ab');
});

test('what is given may be wrong on purpose', () => {
  const wrong = { length: 9, ihl: 15, version: 7, checksum: 0xdead };
  const made = packet.ipv4(wrong).tcp({ checksum: 1 });
  expect(made.bytes().toString('hex')).toBe(
    '7f000009000000004006dead0a0000010a000002c000005000000000000000005002ffff00010000',
  );
});

test('a field that is undefined has its default', () => {
  const fields = { src: undefined, ttl: undefined };
  expect(packet.ipv4(fields).bytes()).toEqual(packet.ipv4().bytes());
});

test('without an IP header there is no checksum', () => {
  expect(packet.udp({ src: 1, dst: 2 }).payload('hi').bytes().toString('hex')).toBe(
    '00010002000a00006869',
  );
});

test('what follows is of an unknown type when nothing says it', () => {
  expect(packet.ethernet().payload('x').bytes().subarray(12).toString('hex')).toBe('88b578');
  expect(packet.ipv4().payload('x').bytes()[9]).toBe(253);
  expect([packet.ipv6().bytes()[6], packet.ipv6().payload('x').bytes()[6]]).toEqual([59, 253]);
});

test.each([
  ['vlan.id: 4096 does not fit 12 bits (0 to 4095)', () => packet.vlan({ id: 4096 })],
  ['udp.dst: -1 does not fit 16 bits (0 to 65535)', () => packet.udp({ dst: -1 })],
  ['udp.dst: 1.5 does not fit 16 bits', () => packet.udp({ dst: 1.5 })],
  ['udp.dst: "53" does not fit 16 bits', () => packet.udp({ dst: '53' as never })],
  ['ipv4.src: expected an address such as 10.0.0.1', () => packet.ipv4({ src: 'fd00::1' })],
  ['ipv6.dst: expected an address such as fd00::1', () => packet.ipv6({ dst: '10.0.0.1' })],
  ['ethernet.dst: expected an address such as 02:', () => packet.ethernet({ dst: '1:2:3:4:5:6' })],
  ['tcp.flags: there is no SYN', () => packet.tcp({ flags: ['SYN' as never] })],
  ['tcp.options: 41 bytes do not fit', () => packet.tcp({ options: Buffer.alloc(41) })],
  ['payload: expected a text or a Buffer, got number', () => packet.payload(5 as never)],
  [
    'ipv4.length: 65536 does not fit 16 bits',
    () => packet.ipv4().payload(Buffer.alloc(65_516)).bytes(),
  ],
])('refused: %s', (message, make) => {
  expect(make).toThrow(message);
});

test('a field that a header does not have is refused with the nearest', () => {
  const wrong = { dest: '10.0.0.1' };
  expect(() => packet.ipv4(wrong as object)).toThrow(
    expect.objectContaining({ summary: 'ipv4 has no field dest. Did you mean dst?' }),
  );
});
