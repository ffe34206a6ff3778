import type { ExecutionDetail } from "../../api/types.ts";
import { CopyButton } from "../../widgets/CopyButton.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import classes from "./Execution.module.css";
import { type TreeNode, treeOf } from "./tree.ts";

/** Tags and metadata as they were sent, branch by branch. */
export function Metadata({ execution: { tags, metadata } }: Pick<ExecutionDetail, "execution">) {
  const all = { tags, metadata };
  const count = Object.keys(tags).length + Object.keys(metadata).length;
  return (
    <Panel
      title="Tags and metadata"
      actions={count > 0 && <CopyButton text={JSON.stringify(all, null, 2)} label="Copy as JSON" />}
    >
      {count === 0 ? (
        <p className="muted">None was sent.</p>
      ) : (
        <ul className={classes.tree}>
          {treeOf(all)
            .children?.filter(({ children }) => children && children.length > 0)
            .map((node) => (
              <Node key={node.path} node={node} isOpen />
            ))}
        </ul>
      )}
    </Panel>
  );
}

function Node({ node, isOpen = false }: { node: TreeNode; isOpen?: boolean }) {
  if (!node.children) {
    return (
      <li className={classes.leaf}>
        <span className={classes.key}>{node.name}</span> <code data-kind={node.kind}>{node.text}</code>
      </li>
    );
  }
  return (
    <li>
      <details open={isOpen}>
        <summary>
          <span className={classes.key}>{node.name}</span> <span className="muted">{node.text}</span>
        </summary>
        <ul>
          {node.children.map((child) => (
            <Node key={child.path} node={child} />
          ))}
        </ul>
      </details>
    </li>
  );
}
