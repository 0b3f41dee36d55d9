// What is wrong with a configuration: where it was said, which key, what is allowed. Collected, never thrown.

export interface ConfigProblem {
  /** "flag --log-level", "environment SOLOPOD_SOCKET", "/etc/solopod/config.yaml:3:1". */
  readonly origin: string;
  /** "crashLoopBackOff.maxContainerRestartPeriod"; "" when it is not about one key. */
  readonly key: string;
  /** Says what is wrong and what is allowed, without a final period. */
  readonly message: string;
  /** A replacement to suggest. */
  readonly suggestion?: string;
}

/** One line for people. */
export function formatConfigProblem({ origin, key, message, suggestion }: ConfigProblem): string {
  const hint = suggestion === undefined ? '' : `, did you mean "${suggestion}"?`;
  return [origin, key, message + hint].filter((part) => part !== '').join(': ');
}
