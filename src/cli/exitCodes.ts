// What the exit code of every command means. Scripts read these before they read text.
export const EXIT = {
  done: 0,
  failed: 1,
  /** Wrong usage, wrong configuration or an invalid manifest. */
  usage: 2,
  /** `status --check` found something that is not as desired. */
  notAsDesired: 3,
  timedOut: 124,
  /** Nobody answers: no runner on the socket, or no runtime behind it. */
  unreachable: 125,
  /** What `exec` was to run is there and can't be run, or is not there. */
  notExecutable: 126,
  notFound: 127,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** What people are told that they mean, in --help and in the manual. */
export const EXIT_MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.done, 'done'],
  [EXIT.failed, 'failed'],
  [EXIT.usage, 'wrong usage, wrong configuration or an invalid manifest'],
  [EXIT.notAsDesired, 'status --check: something is not as desired'],
  [EXIT.timedOut, 'timed out'],
  [EXIT.unreachable, 'no runner or no runtime to talk to'],
  [EXIT.notExecutable, 'exec: the command cannot be run'],
  [EXIT.notFound, 'exec: there is no such command'],
  [EXIT.interrupted, 'interrupted'],
];

/** Why a command could not do its work, and the code it ends with. */
export interface Failure {
  readonly exitCode: number;
  /** Without a final period; may come from outside and is made visible when printed. */
  readonly message: string;
}
