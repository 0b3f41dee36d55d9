// POST /sources/accept: a person says that the removals that are held are meant. Answers with the pods that end.
import { readJson } from '../body.ts';
import { sendJson } from '../respond.ts';
import { Refusal, type Route } from '../route.ts';

export const acceptRoute: Route = {
  method: 'POST',
  path: '/sources/accept',
  handle: async ({ request, response, runner }) => {
    const body = await readJson(request);
    const isEmpty = typeof body === 'object' && body !== null && Object.keys(body).length === 0;
    if (!isEmpty) throw new Refusal(400, 'Cannot accept removals: the body must be an empty JSON object');
    sendJson(response, 200, { pods: await runner.accept() });
  },
};
