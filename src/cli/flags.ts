// The flags that every verb understands, before or after it. They name the same settings as the configuration file;
// values are checked where the configuration is resolved, so that every origin is held to one rule.
import { type Command, Option } from 'commander';

/** As given; absent flags leave the setting to environment, file or default. */
export interface GlobalFlags {
  readonly config?: string;
  readonly socket?: string;
  readonly rootDir?: string;
  readonly runtime?: string;
  readonly nodeName?: string;
  readonly manifestDir?: string;
  readonly manifestUrl?: string;
  readonly imageDir?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
}

const FLAGS: readonly (readonly [flag: string, description: string])[] = [
  ['--config <file>', 'YAML file with settings'],
  ['--socket <path>', 'unix socket of the runner (default: /run/solopod/solopod.sock)'],
  ['--root-dir <dir>', 'where the runner keeps its state (default: /var/lib/solopod)'],
  ['--runtime <runtime>', 'auto, embedded, or unix:///path.sock of a CRI runtime (default: auto)'],
  ['--node-name <name>', 'suffix of pod names (default: the host name in lower case)'],
  ['--manifest-dir <dir>', 'directory of manifests to run (default: /etc/solopod/manifests)'],
  ['--manifest-url <url>', 'URL of manifests to run'],
  ['--image-dir <dir>', 'directory of image archives to import at start (default: ROOT/images)'],
  ['--log-level <level>', 'how much the runner logs (default: info)'],
  ['--log-format <format>', 'how the runner logs: json or pretty'],
];

export function addGlobalFlags(program: Command): void {
  for (const [flag, description] of FLAGS) program.addOption(new Option(flag, description));
}
