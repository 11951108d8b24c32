import type { Node, Source } from "./syntax.ts";

/** Something that a scanner would flag, and how one tells it from the safe shape beside it. */
export type SourceRule = {
  readonly id: string;
  readonly title: string;
  readonly rule: string;
  readonly remedy: string;
  /** Where it is, each with what was seen there. */
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
