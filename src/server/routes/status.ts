// /status: everything the runner tells people, as one JSON document; with ?watch=1 one line per change.
// A reader that is slow gets fewer, newer snapshots: nothing is queued for it beyond the one being written.
import type { ServerResponse } from 'node:http';
import type { RunnerPort } from '../../ports/runner.ts';
import { isTrue } from '../query.ts';
import { sendJson } from '../respond.ts';
import type { Exchange, Route } from '../route.ts';

/** Shortest time between two lines of one watch. */
const WATCH_PACE_MS = 100;

export const statusRoute: Route = {
  method: 'GET',
  path: '/status',
  handle: (exchange) => {
    if (isTrue(exchange.query.get('watch'))) return watch(exchange);
    sendJson(exchange.response, 200, exchange.runner.snapshot());
  },
};

function watch({ runner, response, signal }: Exchange): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.socket?.setNoDelay(true);
  const writer = snapshotWriter(runner, response);
  signal.addEventListener('abort', writer.end, { once: true });
  runner.subscribe(writer.changed, signal);
  writer.changed();
}

interface SnapshotWriter {
  changed(): void;
  end(): void;
}

function snapshotWriter(runner: RunnerPort, response: ServerResponse): SnapshotWriter {
  let sent: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let full = false;

  const writeIn = (delayMs: number) => {
    timer ??= setTimeout(write, delayMs);
  };
  const write = () => {
    timer = undefined;
    if (full) return;
    const snapshot = runner.snapshot();
    if (snapshot.version === sent) return;
    sent = snapshot.version;
    full = !response.write(`${JSON.stringify(snapshot)}\n`);
    writeIn(WATCH_PACE_MS);
  };
  response.on('drain', () => {
    full = false;
    writeIn(0);
  });
  return {
    changed: () => writeIn(0),
    end: () => {
      clearTimeout(timer);
      response.end();
    },
  };
}
