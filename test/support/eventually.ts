// Waits for a fact about another process, which can only be asked for again and again.
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** The first answer that `isRight` accepts. @throws the last answer or error when none came in time */
export async function eventually<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
  withinMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask().catch((error: unknown) => error);
    if (!(answer instanceof Error) && isRight(answer as T)) return answer as T;
    if (performance.now() > deadline) {
      const seen = answer instanceof Error ? answer.message : JSON.stringify(answer);
      throw new Error(`Not within ${withinMs} ms; last seen: ${seen}`);
    }
    await sleep(POLL_MS);
  }
}
