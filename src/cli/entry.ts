// Where the process starts: hands the arguments to main() and its result to the shell.
import { main } from './main.ts';

/** A reader that closes the pipe early, such as head(1), ends the program as the signal SIGPIPE would: 128 + 13. */
const EXIT_BROKEN_PIPE = 141;

function endOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT_BROKEN_PIPE);
}

process.stdout.on('error', endOnBrokenPipe);
process.stderr.on('error', endOnBrokenPipe);
main(process.argv).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (bug: unknown) => {
    process.stderr.write(`This is a bug in solopod: ${bug instanceof Error ? bug.stack : String(bug)}\n`);
    process.exitCode = 1;
  },
);
