// The spellings that Kubernetes asks of names, keys and quantities: one pattern and one sentence each.
// The build step compiles the patterns into the schema validators; the rules and the messages use the same table.
// Source: Kubernetes documentation "Object Names and IDs" and "Labels and Selectors", RFC 1123, RFC 6335, RFC 9110.

interface Format {
  readonly pattern: RegExp;
  /** Continues "spec.hostname: …". */
  readonly rule: string;
}

export const FORMATS = {
  'dns-1123-label': {
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    rule: 'must be an RFC 1123 label: lower-case letters, digits and "-", with a letter or digit at both ends',
  },
  'dns-1123-subdomain': {
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    rule: 'must be an RFC 1123 subdomain: lower-case letters, digits, "-" and ".", with a letter or digit at both ends of each part',
  },
  'qualified-name': {
    pattern:
      /^(?=([^/]{1,253}\/)?[^/]{1,63}$)([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
    rule: 'must be a qualified name: at most 63 letters, digits, "-", "_" and "." with a letter or digit at both ends, optionally after a DNS subdomain and "/"',
  },
  'label-value': {
    pattern: /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
    rule: 'must be a label value: empty, or at most 63 letters, digits, "-", "_" and "." with a letter or digit at both ends',
  },
  'config-key': {
    pattern: /^(?!\.\.)(?!\.$)[-._a-zA-Z0-9]+$/,
    rule: 'must be a config key: letters, digits, "-", "_" and ".", and not begin with ".."',
  },
  'port-name': {
    pattern: /^(?=[0-9-]*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    rule: 'must be a port name: lower-case letters, digits and "-" with at least one letter, no "--", and a letter or digit at both ends',
  },
  'http-header-name': {
    pattern: /^[-A-Za-z0-9!#$%&'*+.^_`|~]+$/,
    rule: 'must be an HTTP header name: letters, digits and "-"',
  },
  'sysctl-name': {
    pattern: /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/,
    rule: 'must be a sysctl name: parts of lower-case letters, digits, "-" and "_", joined by "."',
  },
  'empty-dir-medium': {
    pattern: /^(|Memory|HugePages|HugePages-.+)$/,
    rule: 'must be "", "Memory", "HugePages" or "HugePages-<size>"',
  },
  'absolute-path': {
    pattern: /^\//,
    rule: 'must be an absolute path',
  },
  'pod-uid': {
    pattern: /^[0-9a-zA-Z](?:[0-9a-zA-Z-]{0,62}[0-9a-zA-Z])?$/,
    rule: 'must be at most 64 letters, digits and "-", such as a UUID: it becomes part of paths on this machine',
  },
  quantity: {
    pattern: /^[+-]?(\d+(\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/,
    rule: 'must be a quantity: a number with an optional suffix such as m, k, M, G, Ki, Mi, Gi',
  },
  'date-time': {
    pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
    rule: 'must be a time such as 2026-01-31T12:00:00Z',
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

export function hasFormat(value: string, format: FormatName): boolean {
  return FORMATS[format].pattern.test(value);
}
