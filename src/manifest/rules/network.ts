// Rules of names and addresses that a pod gets: DNS, /etc/hosts, hostname, operating system. Pure.
// Source: Kubernetes API validation of PodDNSConfig, HostAlias and PodSpec.
import type { Path, Report } from '../finding.ts';
import { FORMATS, hasFormat } from '../formats.ts';
import type { LooseSpec } from '../loose.ts';
import { isIpAddress } from '../names.ts';
import { containersOf } from '../podView.ts';
import { got } from '../validate.ts';

const SEARCH_CHARACTERS_MAX = 2048;
const SEARCH_NAME_MAX = 253;
/** Like a DNS subdomain, with "_" within labels. */
const SEARCH = /^[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?(\.[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?)*\.?$/;

export function checkNetwork(spec: LooseSpec, report: Report): void {
  checkDns(spec, report);
  checkHostAliases(spec, report);
  checkHostname(spec, report);
  checkSystem(spec, report);
}

function checkDns(spec: LooseSpec, report: Report): void {
  const path: Path = ['spec', 'dnsConfig'];
  const { dnsConfig } = spec;
  if (spec.dnsPolicy === 'None') {
    if (dnsConfig === undefined) {
      report.error('Required', path, 'must be given when dnsPolicy is "None"');
    } else if ((dnsConfig.nameservers ?? []).length === 0) {
      report.error('Required', [...path, 'nameservers'], 'must have at least one address when dnsPolicy is "None"');
    }
  }
  dnsConfig?.nameservers?.forEach((server, index) => {
    if (isIpAddress(server)) return;
    report.error('Invalid', [...path, 'nameservers', index], `must be an IP address${got(server)}`);
  });
  const searches = dnsConfig?.searches ?? [];
  searches.forEach((search, index) => {
    if (search === '.' || (SEARCH.test(search) && search.length <= SEARCH_NAME_MAX)) return;
    report.error('Invalid', [...path, 'searches', index], `${FORMATS['dns-1123-subdomain'].rule}${got(search)}`);
  });
  const length = searches.join(' ').length;
  if (length <= SEARCH_CHARACTERS_MAX) return;
  const message = `has ${length} characters with spaces between; at most ${SEARCH_CHARACTERS_MAX} are allowed`;
  report.error('TooLong', [...path, 'searches'], message);
}

function checkHostAliases(spec: LooseSpec, report: Report): void {
  spec.hostAliases?.forEach(({ ip, hostnames }, index) => {
    const path: Path = ['spec', 'hostAliases', index];
    if (ip !== undefined && !isIpAddress(ip))
      report.error('Invalid', [...path, 'ip'], `must be an IP address${got(ip)}`);
    hostnames?.forEach((name, nameIndex) => {
      if (hasFormat(name, 'dns-1123-subdomain')) return;
      const at = [...path, 'hostnames', nameIndex];
      report.error('Invalid', at, `${FORMATS['dns-1123-subdomain'].rule}${got(name)}`);
    });
  });
}

function checkHostname(spec: LooseSpec, report: Report): void {
  if (spec.hostnameOverride === undefined) return;
  if (spec.hostNetwork === true) {
    report.error('Forbidden', ['spec', 'hostnameOverride'], 'may not be set together with hostNetwork: true');
  }
  if (spec.setHostnameAsFQDN === true) {
    report.error('Forbidden', ['spec', 'setHostnameAsFQDN'], 'may not be true together with hostnameOverride');
  }
}

/** A pod that says it is for Linux may not ask for what Windows alone has. */
function checkSystem(spec: LooseSpec, report: Report): void {
  if (spec.os?.name !== 'linux') return;
  const places: [unknown, Path][] = [
    [spec.securityContext?.windowsOptions, ['spec', 'securityContext', 'windowsOptions']],
    ...containersOf(spec).map(({ container, path }): [unknown, Path] => {
      return [container.securityContext?.windowsOptions, [...path, 'securityContext', 'windowsOptions']];
    }),
  ];
  for (const [options, path] of places) {
    if (options === undefined) continue;
    const message = 'may not be set when spec.os.name is "linux"';
    report.add({ severity: 'error', code: 'Forbidden', path, at: 'key', message });
  }
}
