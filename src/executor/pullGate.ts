// Whose turn it is to pull: one at a time for each image, so that pods that want the same one fetch it once; a bounded
// number over all images. A pull that waits for the same image holds no place that another image could use.
import { createGate, type Gate } from './gate.ts';

export interface PullGate {
  /** Resolves with the function that ends the turn; at once when aborted, without a turn. */
  enter(image: string, signal: AbortSignal): Promise<() => void>;
}

interface Lane {
  readonly gate: Gate;
  users: number;
}

export function createPullGate(limit: number): PullGate {
  const places = createGate(limit);
  const lanes = new Map<string, Lane>();

  return {
    async enter(image, signal) {
      const lane = lanes.get(image) ?? { gate: createGate(1), users: 0 };
      lanes.set(image, lane);
      lane.users += 1;
      const leaveLane = await lane.gate.enter(signal);
      const leavePlace = await places.enter(signal);
      return () => {
        leavePlace();
        leaveLane();
        lane.users -= 1;
        if (lane.users === 0 && lanes.get(image) === lane) lanes.delete(image);
      };
    },
  };
}
