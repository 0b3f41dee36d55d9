// Kubernetes objects as rules see them: types are right, but any field may be missing, because rules also run on
// objects in which the schema has found errors.
import type { Container, Pod, PodSpec } from '../api/kubernetes.ts';

export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Loose<T[Key]> | undefined }
    : T;

export type LoosePod = Loose<Pod>;
export type LooseSpec = Loose<PodSpec>;
export type LooseContainer = Loose<Container>;
