// Trouble in the world outside, as a value. Adapters turn foreign errors into these, in one file each;
// the core decides what follows from `reason` and `kind`, never from the message.

export type FaultKind =
  /** The other side said no: the message says why. */
  | 'refused'
  /** The object is not there. */
  | 'notFound'
  /** The other side is not there, or not ready; nothing was done. */
  | 'unavailable'
  /** No answer in time, or the connection broke: what was done is unknown. Look before you try again. */
  | 'unknownOutcome'
  /** The other side does not know this call. */
  | 'unimplemented'
  /** The caller gave up. */
  | 'cancelled';

export interface Fault {
  readonly kind: FaultKind;
  /** What kubelet would show as the waiting reason or event reason, such as "CreateContainerError". */
  readonly reason: string;
  /** For people; no stack, no secret. */
  readonly message: string;
}
