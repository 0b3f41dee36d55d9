import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { err, ok } from '../../../src/lib/result.ts';
import { attemptOf, isLogFileOf, linkName, podLogsName, splitLogPath } from '../../../src/platform/podLogs.ts';

const POD = { namespace: 'default', name: 'web-node', uid: 'u-1' };

describe('podLogsName', () => {
  it('joins namespace, name and uid', () => assert.deepEqual(podLogsName(POD), ok('default_web-node_u-1')));

  for (const uid of ['../..', 'a/b', 'a_b', 'x'.repeat(250)]) {
    it(`refuses the uid ${uid.slice(0, 10)}`, () => assert.equal(podLogsName({ ...POD, uid }).ok, false));
  }
});

describe('linkName', () => {
  it('joins pod, container and id', () => {
    assert.deepEqual(linkName(POD, 'app', 'c0ffee'), ok('web-node_default_app-c0ffee.log'));
  });

  it('cuts the end of the id when a file name can not hold it', () => {
    const name = linkName({ ...POD, name: 'n'.repeat(200) }, 'app', 'f'.repeat(64));
    assert.equal(name.ok && name.value.length, 255);
    assert.equal(name.ok && name.value.endsWith('f.log'), true);
  });

  it('refuses what would leave the directory', () => assert.equal(linkName(POD, '../../etc', 'x').ok, false));
});

describe('attemptOf', () => {
  const cases = [
    ['0.log', 0],
    ['12.log', 12],
    ['3.log.20260131-120000', 3],
    ['3.log.20260131-120000.gz', 3],
    ['x.log', undefined],
    ['1.logs', undefined],
    ['1', undefined],
    ['99999999999.log', undefined],
  ] as const;
  for (const [file, attempt] of cases) {
    it(`of ${file} is ${attempt}`, () => assert.equal(attemptOf(file), attempt));
  }
});

describe('isLogFileOf', () => {
  it('knows the file and what rotation made of it', () => {
    const files = ['1.log', '1.log.20260131-120000.gz', '11.log', '1.logs', '2.log'];
    assert.deepEqual(
      files.filter((file) => isLogFileOf(file, '/l/p/c/1.log')),
      ['1.log', '1.log.20260131-120000.gz'],
    );
  });
});

describe('splitLogPath', () => {
  it('takes a log file apart', () => {
    const parts = { pod: 'a_b_c', container: 'app', file: '0.log' };
    assert.deepEqual(splitLogPath('/var/log/pods', '/var/log/pods/a_b_c/app/0.log'), ok(parts));
  });

  const outside = [
    '/etc/passwd',
    '/var/log/pods/a_b_c/app',
    '/var/log/pods/a_b_c/app/x/0.log',
    '/var/log/pods/../../etc/passwd',
    '/var/log/pods/a_b_c//0.log',
    '/var/log/podsx/a_b_c/app/0.log',
    '',
  ];
  for (const path of outside) {
    it(`refuses ${JSON.stringify(path)}`, () => {
      const error = `log path ${JSON.stringify(path)} is not below /var/log/pods`;
      assert.deepEqual(splitLogPath('/var/log/pods', path), err(error));
    });
  }
});
