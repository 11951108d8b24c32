import { customType, timestamp } from "drizzle-orm/pg-core";

/** SHA-256 digests and other bytes. Queries pass and read them through `store/sql.ts`. */
export const byteaColumn = customType<{ data: Uint8Array; driverData: string }>({ dataType: () => "bytea" });

export const timestamptzColumn = (name: string) => timestamp(name, { withTimezone: true });

export const createdAt = () => timestamptzColumn("created_at").notNull().defaultNow();
