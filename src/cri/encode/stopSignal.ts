// lifecycle.stopSignal in the CRI's names: SIGRTMIN+1 is SIGRTMINPLUS1, everything else is as written. Pure.

/** @returns undefined for the runtime's default: the image's STOPSIGNAL, else SIGTERM */
export function encodeStopSignal(signal: string | undefined): string | undefined {
  return signal?.replace('+', 'PLUS').replace('-', 'MINUS');
}
