import { Option } from 'commander';

/** `--config`, of every command that reads a configuration. */
export function configOption(): Option {
  return new Option('--config <file>', 'configuration (default: the nearest crossbpf.config.ts)');
}
