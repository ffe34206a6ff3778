import { Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { exportsQuery } from "../../api/queries.ts";
import { createExport } from "../../api/requests.ts";
import type { CreateExport } from "../../api/types.ts";
import { Icon } from "../../widgets/Icon.tsx";
import { ExportProgress } from "../exports/Progress.tsx";
import classes from "./ExportButton.module.css";
import { type ExportFormat, FORMATS } from "./export.ts";

/** Asks for a file of all that matches, and shows how far it is. */
export function ExportButton({ bodyOf }: { bodyOf: (format: ExportFormat) => CreateExport }) {
  const client = useQueryClient();
  const [shown, setShown] = useState<string | null>(null);
  const create = useMutation({
    mutationFn: (format: ExportFormat) => createExport(bodyOf(format)),
    onSuccess: ({ id }) => {
      setShown(id);
      void client.invalidateQueries({ queryKey: exportsQuery.queryKey });
    },
  });
  return (
    <div className={classes.export}>
      <Menu>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<Icon name="download" size={14} />}
            loading={create.isPending}
            onClick={create.reset}
          >
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>All that match, with these columns</Menu.Label>
          {FORMATS.map(({ value, label, about }) => (
            <Menu.Item
              key={value}
              rightSection={<span className="muted">{about}</span>}
              onClick={() => create.mutate(value)}
            >
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {(shown || create.error) && (
        <ExportProgress
          id={shown}
          error={create.error}
          onClose={() => {
            setShown(null);
            create.reset();
          }}
        />
      )}
    </div>
  );
}
