// GET /images: what the runtime stores, whoever brought it.
import { sendJson } from '../respond.ts';
import { type Exchange, Refusal, type Route } from '../route.ts';

export const imageRoutes: readonly Route[] = [{ method: 'GET', path: '/images', handle: list }];

async function list({ response, backends, signal }: Exchange): Promise<void> {
  const images = await backends.images.list(signal);
  if (!images.ok) throw new Refusal(503, `The container runtime does not tell its images: ${images.error.message}`);
  sendJson(response, 200, { images: images.value });
}
