/** The version in package.json, which a Worker doesn't have. A test compares the two. */
export const VERSION = "0.1.0";

/** A version like `1.2.3`, from a release name like `v1.2.3`. Null for anything else, including early releases. */
export const readVersion = (name: unknown): string | null =>
  (typeof name === "string" && /^v?(\d{1,5}\.\d{1,5}\.\d{1,5})$/.exec(name)?.[1]) || null;

/** Whether a version comes after another (Semantic Versioning §11). */
export function isNewer(version: string, than: string): boolean {
  const [own, other] = [version, than].map((each) => each.split(".").map(Number));
  const differs = own?.findIndex((part, index) => part !== other?.[index]) ?? -1;
  return differs >= 0 && (own?.[differs] ?? 0) > (other?.[differs] ?? 0);
}
