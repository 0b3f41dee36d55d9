// Annotations by which a pod would steer the container runtime past every field that is checked. Pure. The runtimes have
// switches of their own for them, and those have failed before: CVE-2024-3154. They are accepted, told, and not passed on.

const PREFIXES = [
  'io.containerd.',
  'io.kubernetes.cri-o.',
  'io.kubernetes.cri.',
  'org.systemd.property.',
  'run.oci.',
] as const;

export function steersRuntime(annotation: string): boolean {
  return PREFIXES.some((prefix) => annotation.startsWith(prefix));
}
