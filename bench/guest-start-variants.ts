/** Another form of QEMU's arguments. */
export type Change = (args: readonly string[]) => string[];

/** Replaces the value of the first such option. */
function value(option: string, change: (value: string) => string): Change {
  return args => {
    const at = args.indexOf(option) + 1;
    return args.map((arg, index) => (index === at ? change(arg) : arg));
  };
}

const machine = (properties: string) => value('-machine', pc => `${pc},${properties}`);
const cpu = (model: string) => value('-cpu', () => model);
const words = (more: string) => value('-append', line => `${line} ${more}`);
const tcg = (properties: string) => value('-accel', name => `${name},${properties}`);
const more =
  (...added: string[]): Change =>
  args => [...args, ...added];

const HOTPLUG = [
  'PIIX4_PM.acpi-pci-hotplug-with-bridge-support=off',
  'PIIX4_PM.acpi-root-pci-hotplug=off',
  'PIIX4_PM.memory-hotplug-support=off',
];

/** What has been tried; see README.md for what it brought. `base` is what crossbpf does. */
export const variants: Readonly<Record<string, Change>> = {
  base: args => [...args],
  'acpi=off': machine('acpi=off'),
  'hpet=off': machine('hpet=off'),
  'i8042=off': machine('i8042=off'),
  'unused devices off': machine('usb=off,vmport=off,smm=off,sata=off,graphics=off'),
  'hotplug off': more(...HOTPLUG.flatMap(property => ['-global', property])),
  'no option ROM': value('-device', device => `${device},romfile=`),
  qboot: more('-bios', 'qboot.rom'),
  'cpu qemu64': cpu('qemu64'),
  'cpu without la57': cpu('max,la57=off'),
  'thread=single': tcg('thread=single'),
  'tb-size=32': tcg('tb-size=32'),
  sandbox: more('-sandbox', 'on'),
  'memory 256': args => args.map(arg => arg.replace('512M', '256M')),
  'crypto tests': value('-append', line => line.replace(' cryptomgr.notests', '')),
  'word no_timer_check': words('no_timer_check'),
  'word tsc=reliable': words('tsc=reliable'),
  'word 8250.nr_uarts=1': words('8250.nr_uarts=1'),
  'word random.trust_cpu=on': words('random.trust_cpu=on'),
  'word audit=0': words('audit=0'),
  'word rcupdate.rcu_expedited=1': words('rcupdate.rcu_expedited=1'),
};
