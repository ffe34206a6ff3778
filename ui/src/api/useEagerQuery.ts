import {
  type FetchQueryOptions,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

/**
 * `useQuery` for what a page shows first. It asks while the page is drawn for the first time, which may take a third of a
 * second, and not only after it stands; the server answers meanwhile.
 */
export function useEagerQuery<Data, Failure, Key extends QueryKey>(
  options: UseQueryOptions<Data, Failure, Data, Key>,
): UseQueryResult<Data, Failure> {
  const client = useQueryClient();
  if (options.enabled !== false && client.getQueryState(options.queryKey) === undefined) {
    void client.prefetchQuery(options as FetchQueryOptions<Data, Failure, Data, Key>);
  }
  return useQuery(options);
}
