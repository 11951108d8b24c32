import { document } from "./access.ts";

console.log(JSON.stringify(document, null, 2));
