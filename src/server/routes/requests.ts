// POST /pods/stop, /pods/start, /pods/restart: what an operator asks of pods. The runner records the request and
// answers with the pods it means; how far it got shows in /status.
import type { PodSelection, RunnerVerb } from '../../ports/runner.ts';
import { readJson } from '../body.ts';
import { sendJson } from '../respond.ts';
import { type Exchange, Refusal, type Route } from '../route.ts';

const VERBS: readonly RunnerVerb[] = ['stop', 'start', 'restart'];
/** Most names in one request. */
const NAMES_MAX = 1_000;

export const requestRoutes: readonly Route[] = VERBS.map((verb) => ({
  method: 'POST',
  path: `/pods/${verb}`,
  handle: (exchange) => request(exchange, verb),
}));

async function request({ request, response, runner }: Exchange, verb: RunnerVerb): Promise<void> {
  const selection = decodeSelection(await readJson(request));
  const reply = await runner.request(verb, selection);
  if (!reply.ok) throw new Refusal(reply.status, reply.message);
  sendJson(response, 200, { pods: reply.pods });
}

/** @throws Refusal 400 that says what is wrong with the body. */
function decodeSelection(body: unknown): PodSelection {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw malformed('the body must be a JSON object');
  const fields = new Map<string, unknown>(Object.entries(body));
  const unknown = [...fields.keys()].find((key) => !['all', 'names', 'namespace'].includes(key));
  if (unknown !== undefined) throw malformed(`unknown field "${unknown}"`);
  const names = fields.get('names');
  if (fields.get('all') === true && names === undefined) return { all: true };
  if (fields.has('all')) throw malformed('"all" must be true and stands without "names"');
  if (!isNames(names)) throw malformed(`"names" must hold 1 to ${NAMES_MAX} pod names`);
  const namespace = fields.get('namespace');
  if (namespace === undefined) return { names };
  if (typeof namespace !== 'string') throw malformed('"namespace" must be a string');
  return { names, namespace };
}

function isNames(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= NAMES_MAX &&
    value.every((name) => typeof name === 'string' && name !== '')
  );
}

function malformed(why: string): Refusal {
  return new Refusal(400, `Cannot select pods: ${why}`);
}
