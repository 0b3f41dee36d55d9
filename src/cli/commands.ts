// Every verb of the command line, in the order of the help text. To add one: write commands/<verb>.ts with a
// CommandSpec, list it here, test its output and exit codes. What is heavy is imported by the action that needs it.
import type { CommandSpec } from './command.ts';
import { acceptCommand } from './commands/accept.ts';
import { validateCommand } from './commands/checkManifests.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { cpCommand } from './commands/cp.ts';
import { describeCommand } from './commands/describe.ts';
import { diffCommand } from './commands/diff.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eventsCommand } from './commands/events.ts';
import { attachCommand, execCommand } from './commands/exec.ts';
import { explainCommand } from './commands/explain.ts';
import { exportCommand } from './commands/export.ts';
import { imagesCommand } from './commands/images.ts';
import { logsCommand } from './commands/logs.ts';
import { restartCommand, startCommand, stopCommand } from './commands/podVerbs.ts';
import { portForwardCommand } from './commands/portForward.ts';
import { runCommand } from './commands/runPods.ts';
import { getCommand, statusCommand } from './commands/status.ts';
import { topCommand } from './commands/top.ts';
import { versionCommand } from './commands/version.ts';
import { volumeCommand } from './commands/volume.ts';
import { waitCommand } from './commands/wait.ts';

export const COMMANDS: readonly CommandSpec[] = [
  runCommand,
  statusCommand,
  getCommand,
  describeCommand,
  eventsCommand,
  waitCommand,
  logsCommand,
  execCommand,
  attachCommand,
  portForwardCommand,
  cpCommand,
  topCommand,
  imagesCommand,
  stopCommand,
  startCommand,
  restartCommand,
  volumeCommand,
  acceptCommand,
  validateCommand,
  exportCommand,
  diffCommand,
  explainCommand,
  configCommand,
  doctorCommand,
  completionCommand,
  versionCommand,
];
