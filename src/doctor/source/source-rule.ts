import type { Node, Source } from "./syntax.ts";

/** Something that a scanner would flag, and how to tell it from a safe form. */
export type SourceRule = {
  readonly id: string;
  readonly title: string;
  readonly rule: string;
  readonly remedy: string;
  /** The places where it occurs, each with what was seen there. */
  find(source: Source): readonly { readonly node: Node; readonly seen: string }[];
};

export type SourceFinding = {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly seen: string;
  readonly rule: string;
  readonly remedy: string;
};
