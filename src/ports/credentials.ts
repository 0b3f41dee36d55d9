// What the executor needs to log in to a registry: the credentials that fit an image, best first. Implemented by
// credentials/. Values live from here to the runtime's call and nowhere else.
import type { DesiredPod } from '../api/desiredPod.ts';

export interface RegistryCredential {
  readonly username: string;
  readonly password: string;
  /** A token that stands for both; "" for a credential of user and password. */
  readonly identityToken: string;
  /** The Secret of a manifest that it came from; undefined: it is the node's own. */
  readonly secret?: SecretVersion;
}

export interface SecretVersion {
  readonly namespace: string;
  readonly name: string;
  /** Changes with what the Secret holds. */
  readonly hash: string;
}

export interface FoundCredentials {
  /** To be tried in this order; none: the pull is tried without. */
  readonly credentials: readonly RegistryCredential[];
  /** What could not be used and why, one sentence each, for people. */
  readonly troubles: readonly string[];
}

export interface CredentialsPort {
  find(pod: DesiredPod, image: string, signal: AbortSignal): Promise<FoundCredentials>;
}
