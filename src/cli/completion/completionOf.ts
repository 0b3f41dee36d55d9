// Completion for the command line as commander knows it.
import type { Command } from 'commander';
import { type CompletedVerb, completionScript, type Shell } from './scripts.ts';

export function completionOf(program: Command, shell: Shell): string {
  return completionScript(shell, program.commands.map(describeVerb));
}

function describeVerb(command: Command): CompletedVerb {
  return {
    name: command.name(),
    aliases: command.aliases(),
    summary: command.summary(),
    flags: command.options.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined)),
    subverbs: command.commands.map((sub) => sub.name()),
    takesPods: command.registeredArguments.some((argument) => argument.name() === 'pod'),
  };
}
