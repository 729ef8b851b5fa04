// A program that knows the service only by the types that openapi-typescript made of its document.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const client = createClient<paths>({ baseUrl: process.argv[2] });

const { data: task, error } = await client.POST("/tasks/", {
  body: { operation: "calculate", arguments: { expression: "4+7" }, priority: 9 },
});
if (error) throw new Error(error.detail);
const { data: done } = await client.GET("/tasks/{task_id}/", {
  params: { path: { task_id: task.id }, query: { wait: 60 } },
});

const short = await client.POST("/tasks/", { body: { operation: "2**10", tags: ["typed"] } });

await client.POST("/tasks/", {
  // @ts-expect-error: sleep takes seconds, and no expression
  body: { operation: "sleep", arguments: { expression: "4+7" } },
});

const refused = await client.POST("/task-schedules/", {
  body: { operation: "4+7", every_x_days: 0 },
});

const tried = await client.POST("/task-schedules/", {
  body: { operation: "4+7", cron: "0 9 * * *" },
  params: { query: { dry_run: true } },
});

const code: string | undefined = refused.error?.code;
console.log(
  JSON.stringify({
    status: done?.status,
    result: done?.result,
    operation: short.data?.operation,
    code,
    pointer: refused.error?.errors?.[0]?.pointer,
    dry_run: tried.data && "dry_run" in tried.data && tried.data.dry_run,
  }),
);
