import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { EmptyState } from "../../widgets/EmptyState.tsx";

interface Props {
  isNarrowed: boolean;
  isAllTime: boolean;
  onClear: () => void;
  onAllTime: () => void;
}

/** Why there is no row, and the one step that helps. */
export function NothingFound({ isNarrowed, isAllTime, onClear, onAllTime }: Props) {
  if (isNarrowed) {
    return (
      <EmptyState
        title="No execution in this range matches the filters"
        action={
          <Button variant="default" onClick={onClear}>
            Remove the filters
          </Button>
        }
      />
    );
  }
  if (!isAllTime) {
    return (
      <EmptyState
        title="No execution started in this range"
        action={
          <Button variant="default" onClick={onAllTime}>
            Look at all time
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      title="Nothing has been sent to Tacho yet"
      action={
        <Button component={Link} to="/" variant="default">
          Send a first record
        </Button>
      }
    >
      Executions are listed here as soon as a first record of one arrives.
    </EmptyState>
  );
}
