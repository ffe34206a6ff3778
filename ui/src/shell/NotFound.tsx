import { Link } from "@tanstack/react-router";
import { useTitle } from "../widgets/title.ts";
import classes from "./Notice.module.css";

export function NotFound() {
  useTitle("Not found");
  return (
    <div className={classes.notice}>
      <h1>There is no page here</h1>
      <p className="muted">The address may be mistyped, or what it pointed at no longer exists.</p>
      <p>
        <Link to="/">Go to Overview</Link>
      </p>
    </div>
  );
}
