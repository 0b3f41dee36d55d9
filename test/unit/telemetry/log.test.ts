import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, createSilentLogger, type LoggerOptions } from '../../../src/telemetry/log.ts';

function capture(over: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const options = { level: 'info', format: 'json', color: false, ...over } as const;
  return { lines, log: createLogger({ ...options, write: (line) => lines.push(line) }) };
}

function withoutTime(line: string | undefined) {
  const { time, ...rest } = JSON.parse(line ?? '{}');
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return rest;
}

test('A record is one line of JSON with the message and its keys', () => {
  const { lines, log } = capture();
  log.info({ pod: 'default/web-node', durationMs: 12 }, 'Started container');
  log.warn('Lost the runtime');
  assert.deepEqual(lines.map(withoutTime), [
    { level: 'info', pod: 'default/web-node', durationMs: 12, msg: 'Started container' },
    { level: 'warn', msg: 'Lost the runtime' },
  ]);
  assert.ok(lines.every((line) => line.endsWith('}\n')));
});

test('Records below the level are not written', () => {
  const { lines, log } = capture({ level: 'warn' });
  log.debug('Planned');
  log.info({ pod: 'x' }, 'Started');
  log.error('Failed');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).msg),
    ['Failed'],
  );
});

test('A child adds its fields to every record, and its own children add theirs', () => {
  const { lines, log } = capture();
  log.child({ pod: 'a/b' }).child({ token: 'canary' }).info({ turn: 3 }, 'Looked');
  assert.deepEqual(lines.map(withoutTime), [
    { level: 'info', pod: 'a/b', token: '[redacted]', turn: 3, msg: 'Looked' },
  ]);
});

test('An error is written with its message, its cause and no secrets', () => {
  const { lines, log } = capture();
  const cause = new Error('https://me:canary@registry/v2 said no');
  log.error({ err: new Error('Cannot pull', { cause }) }, 'Pull failed');
  const { err } = JSON.parse(lines[0] ?? '');
  assert.deepEqual(
    [err.type, err.message, err.cause.message],
    ['Error', 'Cannot pull', 'https://[redacted]@registry/v2 said no'],
  );
  assert.doesNotMatch(lines.join(''), /canary/);
});

test('Pretty is one readable line, with text from outside escaped', () => {
  const { lines, log } = capture({ format: 'pretty' });
  log.info({ pod: 'default/web', message: 'two words', text: '\u001b[2J\nfake' }, 'Started container');
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? '',
    /^\d\d:\d\d:\d\d\.\d{3} INFO {2}Started container pod=default\/web message="two words" text="\\u001b\[2J\\nfake"\n$/,
  );
});

test('Pretty shows the stack of an error below the line', () => {
  const { lines, log } = capture({ format: 'pretty' });
  log.error({ err: { message: 'no room', stack: 'Error: no room\n    at here' } }, 'Failed');
  assert.match(lines[0] ?? '', / ERROR Failed\n {4}Error: no room\n {4}at here\n$/);
});

test('Colours are there when asked for', () => {
  const { lines, log } = capture({ format: 'pretty', color: true });
  log.warn('Careful');
  assert.ok(lines[0]?.includes('\u001b[33mWARN \u001b[39m Careful'));
});

test('The silent logger has every method', () => {
  const log = createSilentLogger();
  log.child({ pod: 'x' }).error({ err: new Error('x') }, 'Unheard');
});
