// What a container of the fake runtime does, read off its command: enough shell for the stories that tests tell.
//   sleep …                    runs until it is stopped
//   echo TEXT [> /dev/termination-log]   writes to its log, or to that file
//   exit N                     ends
// Anything that is not `sh -c SCRIPT` or `sleep …` cannot be started, like a command that is not in the image.

export interface Script {
  readonly log: readonly string[];
  readonly terminationMessage: string;
  /** undefined: runs until it is stopped. */
  readonly exitCode: number | undefined;
}

export function readScript(command: readonly string[]): Script | undefined {
  if (command[0] === 'sleep') return { log: [], terminationMessage: '', exitCode: undefined };
  if (command[0] !== 'sh' || command[1] !== '-c') return undefined;
  const log: string[] = [];
  let terminationMessage = '';
  for (const step of (command[2] ?? '').split(';').map((part) => part.trim())) {
    const [word, rest = ''] = [step.split(' ')[0], step.slice(step.indexOf(' ') + 1)];
    const [text = '', file] = rest.split('>').map((part) => part.trim());
    if (word === 'echo' && file !== undefined) terminationMessage += `${text}\n`;
    else if (word === 'echo') log.push(text);
    else if (word === 'exit') return { log, terminationMessage, exitCode: Number(text) };
    else if (word === 'sleep') return { log, terminationMessage, exitCode: undefined };
  }
  return { log, terminationMessage, exitCode: 0 };
}
