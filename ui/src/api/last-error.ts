import { useEffect, useState } from "react";

/**
 * The error to show in place of data. While a failed question is asked again the library forgets its error; the page
 * keeps it until an answer comes, so that it does not flicker between the error and a skeleton.
 */
export function useErrorWithoutData(query: { data: unknown; error: Error | null }): Error | null {
  const [last, setLast] = useState<Error | null>(null);
  const hasData = query.data !== undefined;
  useEffect(() => {
    if (hasData) setLast(null);
    else if (query.error) setLast(query.error);
  }, [hasData, query.error]);
  return hasData ? null : (query.error ?? last);
}
