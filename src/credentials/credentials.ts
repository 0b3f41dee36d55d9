// Credentials for an image: those of the pod's imagePullSecrets first, then the node's: a credential helper where one is
// named for the registry, then the entries of the config file. Nothing is kept between pulls, so that a new login counts
// at once and no password stays in memory.
import type { FindObject } from '../api/dataObject.ts';
import { own } from '../lib/own.ts';
import type { CredentialsPort, RegistryCredential } from '../ports/credentials.ts';
import type { DockerConfig } from './dockerConfig.ts';
import { askHelper } from './helper.ts';
import { matchingCredentials, serversOf } from './match.ts';
import { type NodePlaces, readNodeConfig } from './nodeFiles.ts';
import { pullSecretEntries } from './secrets.ts';

export interface CredentialsOptions extends NodePlaces {
  readonly find: FindObject;
  /** For helper programs. */
  readonly env: NodeJS.ProcessEnv;
}

export function createCredentials(options: CredentialsOptions): CredentialsPort {
  return {
    async find(pod, image, signal) {
      const given = pullSecretEntries(pod, options.find);
      const node = await readNodeConfig(options);
      const helped = await fromHelper(node.config, image, { env: options.env, signal });
      return {
        credentials: [
          ...matchingCredentials(given.entries, image),
          ...helped.credentials,
          ...matchingCredentials(node.config.entries, image),
        ],
        troubles: [...given.troubles, ...node.troubles, ...helped.troubles],
      };
    },
  };
}

interface Helped {
  readonly credentials: readonly RegistryCredential[];
  readonly troubles: readonly string[];
}

async function fromHelper(
  { credHelpers, credsStore }: DockerConfig,
  image: string,
  options: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Helped> {
  const servers = serversOf(image);
  const [server] = servers;
  const named = servers.map((candidate) => own(credHelpers, candidate)).find((helper) => helper !== undefined);
  const name = named ?? credsStore;
  if (server === undefined || name === undefined) return { credentials: [], troubles: [] };
  const answer = await askHelper(name, server, options);
  if (!answer.ok) return { credentials: [], troubles: [answer.error] };
  return { credentials: answer.value === undefined ? [] : [answer.value], troubles: [] };
}
