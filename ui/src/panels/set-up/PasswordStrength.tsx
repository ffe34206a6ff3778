import { passwordStrength } from "./data.ts";
import classes from "./PasswordStrength.module.css";

export function PasswordStrength({ password }: { password: string }) {
  const { level, word } = passwordStrength(password);
  return (
    <div className={classes.strength} data-level={level}>
      <div className={classes.bars} aria-hidden="true">
        {[1, 2, 3, 4].map((step) => (
          <span key={step} data-on={step <= level || undefined} />
        ))}
      </div>
      <span aria-live="polite">{word}</span>
    </div>
  );
}
