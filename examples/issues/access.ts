import { defineAccess, resourceDocument } from "@gatehouse-auth/resource-server";

/** Who may do what, and which permissions of people's GitHub accounts that takes. */
export const access = defineAccess({
  scopes: {
    "issues:read": {
      description: "See the issues that are assigned to you on GitHub",
      needs: { github: ["repo"] },
      broad: "GitHub has no scope that only reads issues of private repositories.",
    },
    "whoami:read": { description: "See which GitHub account you use", needs: { github: ["read:user"] } },
  },
  tools: {
    list_issues: { scopes: ["issues:read"] },
    whoami: { scopes: ["whoami:read"] },
  },
});

export const document = resourceDocument(access, {
  resource: "https://issues.example.workers.dev/mcp",
  name: "Issues",
});
