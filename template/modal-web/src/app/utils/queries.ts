import {
  keepPreviousData,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import {
  checkKey,
  createTask,
  loadAllTasks,
  loadAudit,
  loadPicture,
  loadTask,
  loadTasks,
  type NewTask,
  type Task,
  type TaskState,
} from "./api";
import { type KeyKind, rememberKey } from "./keys";
import { useObjectUrl } from "./objectUrl";
import { latestStates, pollInterval } from "./polling";
import type { ApiError } from "./problem";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: ApiError;
  }
}

/** What was loaded, and when to load it again: only polling does, so that no request surprises. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        refetchIntervalInBackground: true,
        refetchOnReconnect: false,
        refetchOnWindowFocus: false,
        retry: false,
      },
      mutations: { networkMode: "always" },
    },
  });
}

function statesOf(pages: readonly { tasks: Task[] }[] = []): TaskState[] {
  return pages.flatMap(({ tasks }) => tasks.map(({ state }) => state));
}

/** One task, up to date until it is done or failed. */
export function useTask(id: string) {
  return useQuery({
    queryKey: ["task", id],
    queryFn: ({ signal }) => loadTask(id, signal),
    refetchInterval: ({ state }) => pollInterval(state.data ? [state.data.state] : []),
  });
}

/** The person's tasks, the newest first, up to date while one of them is active. */
export function useTasks() {
  return useInfiniteQuery({
    queryKey: ["tasks"],
    queryFn: ({ pageParam, signal }) => loadTasks(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) => pollInterval(statesOf(state.data?.pages)),
    select: ({ pages }) => pages.flatMap(({ tasks }) => tasks),
  });
}

/** Everybody's tasks, the newest first, up to date while one of those shown is active. */
export function useAllTasks(filter: TaskState | null) {
  return useInfiniteQuery({
    queryKey: ["all tasks", filter],
    queryFn: ({ pageParam, signal }) => loadAllTasks(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => pollInterval(statesOf(state.data?.pages)),
    select: ({ pages }) => pages.flatMap(({ tasks }) => tasks),
  });
}

/** The audit log, the newest row first, up to date while a task of which it speaks is active. */
export function useAudit() {
  return useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) => loadAudit(pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) =>
      pollInterval(latestStates(state.data?.pages.flatMap(({ rows }) => rows) ?? [])),
    select: ({ pages }) => pages.flatMap(({ rows }) => rows),
  });
}

/** The picture of a task, which never changes once it is done. */
export function usePicture({ id, state }: Pick<Task, "id" | "state">) {
  const { data, error, refetch } = useQuery({
    queryKey: ["picture", id],
    queryFn: ({ signal }) => loadPicture(id, signal),
    enabled: state === "done",
    staleTime: Number.POSITIVE_INFINITY,
  });
  return { url: useObjectUrl(data), error, refetch };
}

/** Ask for a picture, then do something with its task. */
export function useCreateTask(onCreated: (task: Task) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (task: NewTask) => createTask(task),
    onSuccess: (task) => {
      queries.setQueryData(["task", task.id], task);
      onCreated(task);
    },
  });
}

/** Try a key, and remember it when it opens something. */
export function useOpenWithKey(kind: KeyKind) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (key: string) => checkKey(kind, key),
    onSuccess: (_session, key) => {
      // What is still there was loaded with a key that the API then refused: maybe another person's.
      queries.removeQueries();
      rememberKey(kind, key);
    },
  });
}
