import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostNetworkHostsFile, podHostsFile } from '../../../src/network/hosts.ts';

const STANDARD = [
  '# Kubernetes-managed hosts file.',
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];

describe('podHostsFile', () => {
  it('names the pod at its address', () => {
    const text = podHostsFile(['10.1.1.1'], { host: 'web', aliases: [] });
    assert.equal(text, [...STANDARD, '10.1.1.1\tweb', ''].join('\n'));
  });

  it('names it fully at every address, and adds aliases after a blank line', () => {
    const aliases = [{ ip: '192.0.2.7', hostnames: ['db', 'db.lab'] }, { ip: '192.0.2.8' }];
    const text = podHostsFile(['10.1.1.1', 'fd00::1'], { host: 'web', domain: 'sub.default.svc.lab', aliases });
    const own = ['10.1.1.1\tweb.sub.default.svc.lab\tweb', 'fd00::1\tweb.sub.default.svc.lab\tweb'];
    const added = ['', '# Entries added by HostAliases.', '192.0.2.7\tdb\tdb.lab', '192.0.2.8', ''];
    assert.equal(text, [...STANDARD, ...own, ...added].join('\n'));
  });
});

describe('hostNetworkHostsFile', () => {
  it("keeps the host's own text as it is", () => {
    const text = hostNetworkHostsFile('127.0.0.1 localhost\n# mine\n', [{ ip: '192.0.2.7', hostnames: ['db'] }]);
    const head = '# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n# mine\n';
    assert.equal(text, `${head}\n# Entries added by HostAliases.\n192.0.2.7\tdb\n`);
  });
});
