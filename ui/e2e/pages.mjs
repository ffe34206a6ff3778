// Every page, and the ids that its address needs.

/** Ids of things that are there: the workflow with most runs, an execution that failed, the fault seen last. Null where there is none. */
export async function idsIn(page) {
  return page.evaluate(async () => {
    const ask = async (address) => {
      const answer = await fetch(`/api/v1/${address}`);
      return answer.ok ? answer.json() : {};
    };
    const rankings = await ask("analytics/workflows/rankings?period=month&by=executions&limit=1");
    const failed = await ask("executions?status=failed&limit=1");
    const any = failed.executions?.length ? failed : await ask("executions?limit=1");
    const failures = await ask("failures?limit=1&order=last_seen");
    return {
      workflow: rankings.workflows?.[0]?.workflow.id ?? null,
      execution: any.executions?.[0]?.id ?? null,
      failure: failures.failures?.[0]?.fingerprint ?? null,
    };
  });
}

/** Addresses by name. */
export function pagesFor({ workflow, execution, failure }) {
  const found = (path, id) => id && `${path}/${encodeURIComponent(id)}`;
  const pages = {
    overview: "/",
    live: "/live",
    workflows: "/workflows",
    workflow: found("/workflows", workflow),
    executions: "/executions",
    execution: found("/executions", execution),
    failures: "/failures",
    failure: found("/failures", failure),
    performance: "/performance",
    usage: "/usage",
    costs: "/costs",
    exports: "/exports",
    system: "/system",
    profile: "/settings/profile",
    members: "/settings/members",
    keys: "/settings/keys",
    "cost-rates": "/settings/cost-rates",
    audit: "/settings/audit",
  };
  return Object.fromEntries(Object.entries(pages).filter(([, path]) => path));
}
