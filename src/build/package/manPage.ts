// solopod(1), made from the same description of verbs and flags that --help prints.
import type { Command, Option } from 'commander';
import { EXIT_MEANINGS } from '../../cli/exitCodes.ts';

/** @returns roff source */
export function manPage(program: Command, { version }: { readonly version: string }): string {
  const help = program.createHelp();
  const verbs = help.visibleCommands(program).filter((command) => command.name() !== 'help');
  return [
    `.TH SOLOPOD 1 "" "solopod ${version}" "User Commands"`,
    '.SH NAME',
    'solopod \\- run Kubernetes static pods on one machine, without a cluster',
    '.SH SYNOPSIS',
    '.B solopod',
    '.RI [ options ]',
    '.I command',
    '.SH DESCRIPTION',
    escaped(program.description()),
    '.SH COMMANDS',
    ...verbs.flatMap((verb) => describeVerb(verb, help.visibleOptions(verb))),
    '.SH OPTIONS',
    'Before or after any command.',
    ...help.visibleOptions(program).flatMap(describeOption),
    '.SH FILES',
    '.TP\n.I /etc/solopod/manifests\nManifests that are run.',
    '.TP\n.I /etc/solopod/config.yaml\nSettings; "solopod config view" lists them with their origin.',
    '.TP\n.I /var/lib/solopod\nVolumes, state, images and the embedded runtime.',
    '.TP\n.I /run/solopod/solopod.sock\nThe local API.',
    '.SH EXIT STATUS',
    ...EXIT_MEANINGS.map(([code, meaning]) => `.TP\n.B ${code}\n${escaped(meaning)}`),
    '',
  ].join('\n');
}

function describeVerb(verb: Command, options: readonly Option[]): readonly string[] {
  const names = [verb.name(), ...verb.aliases()].join(', ');
  const own = options.filter(({ long }) => long !== '--help');
  return [
    '.TP',
    `.B ${escaped(names)} ${escaped(verb.usage().replace('[options] ', ''))}`,
    escaped(verb.description()),
    ...(own.length === 0 ? [] : ['.RS', ...own.flatMap(describeOption), '.RE']),
  ];
}

function describeOption({ flags, description }: Option): readonly string[] {
  return ['.TP', `.B ${escaped(flags)}`, escaped(description)];
}

/** No line may begin with a control character of roff, and a hyphen that is typed is a minus. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
}
