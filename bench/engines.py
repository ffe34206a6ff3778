"""Asks an engine that lives in this process: questions come in on stdin, answers go out on stdout, a line of JSON each.

    engines.py duckdb|clickhouse FOLDER

A question is {"sql": "..."}; its answer is {"ms": 1.5, "rows": [[...], ...]} or {"error": "..."}. The time is from the call
to the last row in Python: what the pipe and JSON cost is not in it. The engines use as many threads as there are processors,
which is their default.
"""

import json
import os
import sys
import time


class DuckDb:
    def __init__(self, folder):
        import duckdb

        self.connection = duckdb.connect(os.path.join(folder, "rows.duckdb"))
        self.connection.execute("SET enable_progress_bar = false")

    def ask(self, sql):
        return self.connection.execute(sql).fetchall()

    def rows(self, answer):
        return answer


class ClickHouse:
    def __init__(self, folder):
        from chdb.session import Session

        self.session = Session(folder)
        self.session.query("CREATE DATABASE IF NOT EXISTS bench")
        self.session.query("USE bench")

    def ask(self, sql):
        return self.session.query(sql, "JSONCompactEachRow").bytes()

    def rows(self, answer):
        return [json.loads(line) for line in answer.splitlines()]


def main():
    # Whatever an engine prints must not end up among the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    name, folder = sys.argv[1:]
    engine = {"duckdb": DuckDb, "clickhouse": ClickHouse}[name](folder)
    for line in sys.stdin:
        sql = json.loads(line)["sql"]
        try:
            started = time.perf_counter()
            answer = engine.ask(sql)
            took = time.perf_counter() - started
            message = {"ms": took * 1e3, "rows": engine.rows(answer)}
        except Exception as error:
            message = {"error": str(error)}
        # Decimals and days become texts.
        print(json.dumps(message, default=str), file=answers, flush=True)


if __name__ == "__main__":
    main()
