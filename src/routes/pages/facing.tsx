import { Avatar } from "./avatar.tsx";
import { Icon } from "./icon.tsx";

type Props = {
  /** Who asks, and whose access it is about. */
  names: readonly [string, string];
};

/** The two that a question is about, opposite each other. The heading says the same, so screen readers skip it. */
export const Facing = ({ names: [asking, asked] }: Props) => (
  <div class="facing" aria-hidden="true">
    <Side name={asking} />
    <Icon name="arrows" />
    <Side name={asked} />
  </div>
);

const Side = ({ name }: { name: string }) => (
  <span>
    <Avatar name={name} large />
    <bdi>{name}</bdi>
  </span>
);
