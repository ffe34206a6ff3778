// Made from openapi.json by `npm run generate:types`.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        ActivityRecord: {
            action: string;
            /**
             * Format: int64
             * @description Which try of the same thing; 1 if absent.
             */
            attempt?: number;
            /** Format: int64 */
            duration_ms?: number;
            feature?: string;
            /** @description Chosen by the sender. Needed, unless the request carries an Idempotency-Key. */
            id?: string;
            metadata?: {
                [key: string]: unknown;
            };
            resource?: string;
            resource_id?: string;
            session_id?: string;
            tags?: {
                [key: string]: string;
            };
            /** Format: date-time */
            timestamp: string;
            /**
             * @description The type.
             * @enum {string}
             */
            type: "activity";
            /**
             * Format: date-time
             * @description When the sender knew this; its own times if absent.
             */
            updated_at?: string;
            user_id: string;
        } & {
            [key: string]: unknown;
        };
        /** @description The answer to a question: a table, its totals, and how it came about. */
        Answer: {
            /** @description What stands in the cells of each row: time first, then dimensions, then measures. */
            columns: components["schemas"]["Column"][];
            comparison?: components["schemas"]["Comparison"] | null;
            differences: components["schemas"]["Differences"] | null;
            explain: components["schemas"]["Explanation"] | null;
            /** @description How the answer came about. */
            meta: components["schemas"]["Meta"];
            /**
             * @description If asked for and there are more groups than the limit: the measures over all of those, a row for each bucket or
             *     one, in the order of the columns; null for dimensions.
             */
            other: unknown[][] | null;
            /** @description The rows. Each is as long as `columns`. */
            rows: unknown[][];
            /** @description The measures over all rows and groups, those beyond the limit included; null for time and dimensions. */
            totals: unknown[];
        };
        /** @description What one question of several got. */
        AnswerOrProblem: components["schemas"]["Answer"] | components["schemas"]["Problem"];
        /** @description The group with which all groups are compared. */
        Baseline: components["schemas"]["FirstWord"] | unknown[];
        /** @description The answers to several questions, all as of one moment. */
        BatchAnswer: {
            /** @description An answer or a problem per question, in their order. */
            answers: components["schemas"]["AnswerOrProblem"][];
            /**
             * Format: date-time
             * @description Records accepted up to about then are counted.
             */
            as_of: string;
            /**
             * Format: int64
             * @description Exactly: records up to this position of the journal are counted.
             */
            as_of_lsn: number;
        };
        /**
         * @description Which way is better.
         * @enum {string}
         */
        Better: "higher" | "lower";
        /** @description What stands in one cell of each row. */
        Column: {
            /** @description What it means, in a sentence. */
            definition?: string | null;
            direction?: components["schemas"]["Better"] | null;
            /** @description Its name for people. */
            label: string;
            /** @description Its name: `time`, or that of a dimension or measure. */
            name: string;
            /** @description Why it is there. */
            role: components["schemas"]["ColumnRole"];
            /** @description What its values are. */
            type: components["schemas"]["ColumnType"];
            unit?: components["schemas"]["Unit"] | null;
        };
        /**
         * @description Why a column is there.
         * @enum {string}
         */
        ColumnRole: "time" | "dimension" | "measure";
        /**
         * @description What values are.
         * @enum {string}
         */
        ColumnType: "integer" | "number" | "text" | "flag" | "timestamp";
        /** @description With what totals are compared. */
        Compare: components["schemas"]["CompareWith"] | components["schemas"]["CompareRange"];
        /** @description A range to compare with. */
        CompareRange: {
            /**
             * Format: date-time
             * @description The first instant inside.
             */
            from: string;
            /**
             * Format: date-time
             * @description The first instant after it.
             */
            to: string;
        };
        /**
         * @description A range to compare with that follows from that of the question.
         * @enum {string}
         */
        CompareWith: "previous_period" | "last_week" | "last_month" | "last_year";
        /** @description The rows of another range, and how far those of the answer are from them. */
        ComparedRows: {
            /**
             * @description For each row of the answer, in the order of the columns: its value minus the one compared with, which is that of
             *     the same group, in the bucket at the same place from the beginning; null where either is not known.
             */
            absolute: (number | null)[][];
            /** @description The same as a fraction of the one compared with (0.25 is a quarter more); null where that is 0 or not known. */
            relative: (number | null)[][];
            /**
             * @description The groups of the answer, in the same order, over the range compared with, each as long as `columns`. With buckets
             *     of time, those of that range, of which there may be more or fewer.
             */
            rows: unknown[][];
        };
        /** @description Another range, and how far the answer is from it. */
        Comparison: {
            /** @description The answer's total minus the one compared with; null where either is not known. */
            absolute: (number | null)[];
            by_row: components["schemas"]["ComparedRows"] | null;
            /**
             * Format: date-time
             * @description The first instant of the range compared with.
             */
            from: string;
            /** @description The same as a fraction of the one compared with (0.25 is a quarter more); null where that is 0 or not known. */
            relative: (number | null)[];
            /**
             * Format: date-time
             * @description The first instant after it.
             */
            to: string;
            /** @description Its totals, in the order of the columns. */
            totals: unknown[];
        };
        ConversationRecord: {
            /**
             * Format: int64
             * @description Which try of the same thing; 1 if absent.
             */
            attempt?: number;
            channel?: string;
            customer_id?: string;
            /** Format: date-time */
            ended_at?: string;
            /** @description Chosen by the sender. Needed, unless the request carries an Idempotency-Key. */
            id?: string;
            metadata?: {
                [key: string]: unknown;
            };
            satisfaction?: number;
            /** Format: date-time */
            started_at?: string;
            /** @enum {string} */
            status: "active" | "resolved" | "escalated" | "abandoned";
            tags?: {
                [key: string]: string;
            };
            /**
             * @description The type.
             * @enum {string}
             */
            type: "conversation";
            /**
             * Format: date-time
             * @description When the sender knew this; its own times if absent.
             */
            updated_at?: string;
            workflow_id?: string;
        } & {
            [key: string]: unknown;
        };
        CostRecord: {
            action_type?: string;
            amount_usd?: number;
            /**
             * Format: int64
             * @description Which try of the same thing; 1 if absent.
             */
            attempt?: number;
            credits?: number;
            execution_id?: string;
            /** @description Chosen by the sender. Needed, unless the request carries an Idempotency-Key. */
            id?: string;
            is_estimate?: boolean;
            metadata?: {
                [key: string]: unknown;
            };
            quantity?: number;
            tags?: {
                [key: string]: string;
            };
            /** Format: date-time */
            timestamp: string;
            /**
             * @description The type.
             * @enum {string}
             */
            type: "cost";
            unit?: string;
            /**
             * Format: date-time
             * @description When the sender knew this; its own times if absent.
             */
            updated_at?: string;
            user_id?: string;
            workflow_id?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description Groups side by side: how far each row is from that of the baseline, in the same bucket of time if there are some. */
        Differences: {
            /** @description For each row, in the order of the columns: its value minus the baseline's; null where either is not known. */
            absolute: (number | null)[][];
            /** @description The baseline's values of the dimensions. */
            baseline: unknown[];
            /** @description Whether it is among the groups answered. If not, no difference is known. */
            is_known: boolean;
            /** @description The same as a fraction of the baseline's (0.25 is a quarter more); null where that is 0 or not known. */
            relative: (number | null)[][];
        };
        /**
         * @description A direction of order. What is not known comes last in both.
         * @enum {string}
         */
        Direction: "asc" | "desc";
        ExecutionRecord: {
            /**
             * Format: int64
             * @description Which try of the same thing; 1 if absent.
             */
            attempt?: number;
            /** Format: date-time */
            completed_at?: string;
            conversation_id?: string;
            cost_usd?: number;
            credits?: number;
            /** Format: int64 */
            duration_ms?: number;
            error_message?: string;
            error_type?: string;
            /** @description Chosen by the sender. Needed, unless the request carries an Idempotency-Key. */
            id?: string;
            /** Format: int64 */
            items_processed?: number;
            metadata?: {
                [key: string]: unknown;
            };
            minutes_saved?: number;
            parent_execution_id?: string;
            /** Format: date-time */
            queued_at?: string;
            /** Format: date-time */
            started_at?: string;
            /** @enum {string} */
            status: "queued" | "running" | "success" | "failed" | "timeout" | "cancelled";
            /** Format: int64 */
            steps_completed?: number;
            /** Format: int64 */
            steps_total?: number;
            tags?: {
                [key: string]: string;
            };
            trace_id?: string;
            trigger_id?: string;
            /** @enum {string} */
            trigger_type?: "scheduled" | "manual" | "retry" | "webhook" | "api" | "event" | "conversation";
            /**
             * @description The type.
             * @enum {string}
             */
            type: "execution";
            /**
             * Format: date-time
             * @description When the sender knew this; its own times if absent.
             */
            updated_at?: string;
            user_id?: string;
            variant?: string;
            workflow_id?: string;
            workflow_version?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description A stretch of the range, and what it was read from. */
        ExplainedPiece: {
            /**
             * Format: date-time
             * @description Its first instant.
             */
            from: string;
            /** @description The rollup or the type of records. */
            read: string;
            /**
             * Format: date-time
             * @description The first instant after it.
             */
            to: string;
        };
        /** @description How a question was answered in detail. */
        Explanation: {
            /** @description What was read. The first reading counts the rows, too. */
            readings: components["schemas"]["Reading"][];
            /** @description How long each stage took, in their order. Reading is of the whole batch. */
            stages: components["schemas"]["Stage"][];
            /** @description The statement that was sent to the store, without its values. */
            statement: string;
        };
        /**
         * @description The wire's form of [`Filter`]: either `field` and `op`, or exactly one of `and`, `or`, `not`.
         * @example {
         *       "field": "status",
         *       "op": "in",
         *       "values": [
         *         "failed",
         *         "timeout"
         *       ]
         *     }
         */
        Filter: {
            /** @description All of these must hold. */
            and?: components["schemas"]["Filter"][] | null;
            /** @description A field of the source, such as `status`. */
            field?: string | null;
            not?: components["schemas"]["Filter"] | null;
            op?: components["schemas"]["FilterOp"] | null;
            /** @description One of these must hold. */
            or?: components["schemas"]["Filter"][] | null;
            /** @description The value to compare with: text, a number, or true or false. The regular expression of `matches`. */
            value?: unknown;
            /** @description The values of `in` and `not_in`; the least and the greatest of `between`. */
            values?: unknown[] | null;
        };
        /**
         * @description How a field is compared. `matches` searches a text for a regular expression in RE2's syntax, anywhere unless it says `^`
         *     or `$`, and with regard to case unless it begins with `(?i)`. `\d`, `\w`, `\s` and `\b` know ASCII only; look-around
         *     and back-references do not exist. It may have 200 characters, and 250 characters and classes when every `{n}` is
         *     written out.
         * @enum {string}
         */
        FilterOp: "eq" | "ne" | "in" | "not_in" | "lt" | "lte" | "gt" | "gte" | "between" | "contains" | "starts_with" | "matches" | "is_null" | "is_not_null";
        /**
         * @description The word for what comes first.
         * @enum {string}
         */
        FirstWord: "first";
        /** @description A range of which nothing is known. */
        Gap: {
            /**
             * Format: date-time
             * @description Its first instant.
             */
            from: string;
            /** @description Why. */
            reason: string;
            /**
             * Format: date-time
             * @description The first instant after it.
             */
            to: string;
        };
        /**
         * @description The length of a bucket of time, on the calendar of the asker's zone.
         * @enum {string}
         */
        Granularity: "minute" | "five_minutes" | "quarter_hour" | "hour" | "day" | "week" | "month" | "quarter" | "year";
        /**
         * @description A condition on a measure of a group. One on something that is not known does not hold.
         * @example {
         *       "measure": "count",
         *       "op": "gte",
         *       "value": 10
         *     }
         */
        Having: {
            /** @description A measure of the question. */
            measure: string;
            /** @description How it is compared: `eq`, `ne`, `lt`, `lte`, `gt` or `gte`. */
            op: components["schemas"]["FilterOp"];
            /**
             * Format: double
             * @description With what, in the measure's unit.
             */
            value: number;
        };
        /** @description What became of a request of records. What was accepted is on the disk. */
        IngestAnswer: {
            /**
             * Format: int32
             * @description How many records were accepted.
             * @example 2
             */
            accepted: number;
            /**
             * Format: int64
             * @description The position of the last accepted one; answers whose `as_of_lsn` is at least this count it.
             * @example 4711
             */
            lsn: number;
            /** @description Those that were not, with the reason. They are kept as dead letters. */
            rejected: components["schemas"]["RejectedRecord"][];
        };
        MessageRecord: {
            /**
             * Format: int64
             * @description Which try of the same thing; 1 if absent.
             */
            attempt?: number;
            conversation_id: string;
            cost_usd?: number;
            /** @enum {string} */
            direction: "inbound" | "outbound";
            /** @description Chosen by the sender. Needed, unless the request carries an Idempotency-Key. */
            id?: string;
            is_fallback?: boolean;
            is_handoff?: boolean;
            is_success?: boolean;
            /** Format: int64 */
            knowledge_base_hits?: number;
            metadata?: {
                [key: string]: unknown;
            };
            /** Format: int64 */
            response_time_ms?: number;
            tags?: {
                [key: string]: string;
            };
            /** Format: date-time */
            timestamp: string;
            /** Format: int64 */
            tokens_in?: number;
            /** Format: int64 */
            tokens_out?: number;
            /**
             * @description The type.
             * @enum {string}
             */
            type: "message";
            /**
             * Format: date-time
             * @description When the sender knew this; its own times if absent.
             */
            updated_at?: string;
            workflow_id?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description How an answer came about. */
        Meta: {
            /**
             * Format: date-time
             * @description Records accepted up to about then are counted.
             */
            as_of: string;
            /**
             * Format: int64
             * @description Exactly: records up to this position of the journal are counted.
             */
            as_of_lsn: number;
            /**
             * Format: int64
             * @description Rows among them about which senders contradict each other.
             */
            conflicts: number;
            /**
             * Format: double
             * @description How long it took, in milliseconds.
             */
            elapsed_ms: number;
            /** @description Whether the numbers are exact. */
            exact: boolean;
            /**
             * Format: date-time
             * @description The first instant of the range.
             */
            from: string;
            /** @description Whether it was worked out for an earlier question. */
            from_cache: boolean;
            /** @description Ranges of which nothing is known. */
            gaps: components["schemas"]["Gap"][];
            granularity?: components["schemas"]["Granularity"] | null;
            /** @description Whether there are more groups after the last of `rows`. */
            has_more: boolean;
            /** @description What else to know, in sentences. */
            notes: string[];
            /**
             * Format: double
             * @description If not exact: how far off a number is at most, as a fraction of it.
             */
            relative_error?: number | null;
            requested_granularity?: components["schemas"]["Granularity"] | null;
            /**
             * Format: int64
             * @description Rows that the numbers were worked out from, after filters.
             */
            rows_read?: number | null;
            /** @description From what it was worked out. */
            served_by: components["schemas"]["ServedBy"];
            /** @description The time zone of periods and buckets. */
            timezone: string;
            /**
             * Format: date-time
             * @description The first instant after it.
             */
            to: string;
            /**
             * Format: int64
             * @description Rows among them that belong to no workflow.
             */
            unattributed: number;
        };
        MetricRecord: {
            /**
             * Format: int64
             * @description Which try of the same thing; 1 if absent.
             */
            attempt?: number;
            /** @description Chosen by the sender. Needed, unless the request carries an Idempotency-Key. */
            id?: string;
            /** @enum {string} */
            kind?: "counter" | "gauge" | "histogram";
            metadata?: {
                [key: string]: unknown;
            };
            name: string;
            tags?: {
                [key: string]: string;
            };
            /** Format: date-time */
            timestamp: string;
            /**
             * @description The type.
             * @enum {string}
             */
            type: "metric";
            /**
             * Format: date-time
             * @description When the sender knew this; its own times if absent.
             */
            updated_at?: string;
            value: number;
        } & {
            [key: string]: unknown;
        };
        /** @description What can be asked. */
        Model: {
            /** @description Lengths of a bucket of time. */
            granularities: components["schemas"]["Granularity"][];
            /** @description How much one question may ask for. */
            limits: components["schemas"]["ModelLimits"];
            /** @description Named lengths of time. */
            periods: components["schemas"]["Period"][];
            /** @description What can be asked about. */
            sources: components["schemas"]["ModelSource"][];
        };
        /** @description Something by which rows can be grouped. */
        ModelDimension: {
            /** @description The columns that it gives. */
            columns: string[];
            /** @description What it means. */
            definition: string;
            /** @description Its name for people. */
            label: string;
            /** @description Its name in questions. */
            name: string;
        };
        /** @description Something by which rows can be filtered. */
        ModelFilter: {
            /** @description What it means. */
            definition: string;
            /** @description Its name for people. */
            label: string;
            /** @description Its name in questions. */
            name: string;
            /** @description How it can be compared. */
            ops: components["schemas"]["FilterOp"][];
            /** @description What its values are. */
            type: components["schemas"]["ColumnType"];
            unit?: components["schemas"]["Unit"] | null;
            /** @description The values that it can have, if they are few. */
            values?: string[] | null;
        };
        /** @description How much one question may ask for. */
        ModelLimits: {
            /** @description Dimensions. */
            dimensions: number;
            /** @description Conditions of all filters. */
            filter_conditions: number;
            /** @description Levels of filters inside each other. */
            filter_depth: number;
            /** @description Values of one `in`. */
            filter_values: number;
            /**
             * Format: int32
             * @description Groups.
             */
            groups: number;
            /** @description Measures. */
            measures: number;
            /** @description Buckets of time. */
            points: number;
        };
        /** @description A number that can be asked for. */
        ModelMeasure: {
            /** @description What it means. */
            definition: string;
            /** @description What can be made of it, asked for behind its name and a dot: `share`, `cumulative`, `per_minute`. */
            derived: string[];
            direction?: components["schemas"]["Better"] | null;
            /** @description Its name for people. */
            label: string;
            /** @description Its name in questions. */
            name: string;
            /** @description What its values are. */
            type: components["schemas"]["ColumnType"];
            /** @description What it counts. */
            unit: components["schemas"]["Unit"];
        };
        /** @description Something that can be asked about. */
        ModelSource: {
            /** @description What it is. */
            definition: string;
            /** @description By what can be grouped. Beside these there is `tags.<key>` for the values of a tag. */
            dimensions: components["schemas"]["ModelDimension"][];
            /** @description By what can be filtered. Beside these there is `tags.<key>` for the values of a tag. */
            filters: components["schemas"]["ModelFilter"][];
            /** @description Its name for people. */
            label: string;
            /** @description What can be measured. */
            measures: components["schemas"]["ModelMeasure"][];
            /**
             * @description Its name in questions.
             * @example executions
             */
            name: string;
        };
        /** @description Which groups come first. */
        Order: {
            /** @description A measure or a dimension of the question, or `time`. */
            by: string;
            direction?: components["schemas"]["Direction"] | null;
        };
        /**
         * @description A named length of time that ends now. (The wire's name for [`Period`].)
         * @enum {string}
         */
        Period: "day" | "week" | "month" | "quarter" | "year" | "all";
        /** @description Why a request was refused and what to do about it. */
        Problem: {
            /**
             * @description The kind of problem as a stable word.
             * @example invalid_value
             */
            code: string;
            /**
             * @description What to do about it.
             * @example Give an IANA time zone such as Europe/Berlin or UTC.
             */
            detail: string;
            /**
             * @description JSON pointer to the field at fault.
             * @example /timezone
             */
            pointer?: string;
            /**
             * @description The id under which the server logged the request.
             * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
             */
            request_id: string;
            /**
             * Format: int32
             * @description The HTTP status.
             * @example 422
             */
            status: number;
            /**
             * @description The kind of problem in words.
             * @example Invalid value
             */
            title: string;
            /**
             * @description The kind of problem as a URI.
             * @example https://tacho.dev/problems/invalid_value
             */
            type: string;
        };
        /**
         * @description A question: which measures, grouped by what, over which time, of which rows.
         * @example {
         *       "compare": "previous_period",
         *       "dimensions": [
         *         "workflow"
         *       ],
         *       "filters": [
         *         {
         *           "field": "status",
         *           "op": "in",
         *           "values": [
         *             "failed",
         *             "timeout"
         *           ]
         *         }
         *       ],
         *       "granularity": "day",
         *       "limit": 10,
         *       "measures": [
         *         "count",
         *         "success_rate",
         *         "duration_p95"
         *       ],
         *       "order": [
         *         {
         *           "by": "count",
         *           "direction": "desc"
         *         }
         *       ],
         *       "source": "executions",
         *       "time": {
         *         "period": "week"
         *       },
         *       "timezone": "Europe/Berlin"
         *     }
         */
        Query: {
            baseline?: components["schemas"]["Baseline"] | null;
            compare?: components["schemas"]["Compare"] | null;
            /** @description What to group by, at most 4. */
            dimensions?: string[];
            /** @description Whether to say in detail how the question was answered. */
            explain?: boolean;
            /** @description Which rows count. All of the list must hold. */
            filters?: components["schemas"]["Filter"][];
            granularity?: components["schemas"]["Granularity"] | null;
            /** @description Which groups are answered, by their measures. All of the list must hold. */
            having?: components["schemas"]["Having"][];
            /**
             * Format: int32
             * @description Groups to answer, 1 to 10,000. With a granularity: series.
             */
            limit?: number | null;
            /**
             * @description The numbers asked for, 1 to 20. Behind the name of a count or a sum may stand what to make of it: `count.share` (in
             *     percent of the total), `cost.cumulative` (from the start of the range on), and of counts `count.per_minute`.
             */
            measures: string[];
            /**
             * Format: int32
             * @description Groups to pass over before the first that is answered, at most 100,000.
             */
            offset?: number | null;
            /** @description Which groups come first. Without it: the greatest first measure. Ties are broken by the dimensions. */
            order?: components["schemas"]["Order"][];
            /** @description Whether the groups beyond the limit are answered together, as `other`. */
            other?: boolean;
            /** @description What is counted: `executions`. */
            source: string;
            /** @description Over which time. */
            time: components["schemas"]["TimeRange"];
            /** @description The IANA time zone on whose calendar periods and buckets are counted. Without it: the asker's own. */
            timezone?: string | null;
        };
        /** @description Measures that were worked out together, and from what. */
        Reading: {
            /** @description The measures. */
            measures: string[];
            /**
             * @description What was read, in order of time. Beside the cells of a rollup, the rows that they do not count yet are read too, and
             *     those that they count beyond the stretch, which are taken off.
             */
            pieces: components["schemas"]["ExplainedPiece"][];
            /** @description Why that was read, in a sentence. */
            reason: string;
        };
        /** @description One thing that a sender reports. */
        Record: components["schemas"]["WorkflowRecord"] | components["schemas"]["ExecutionRecord"] | components["schemas"]["StepRecord"] | components["schemas"]["CostRecord"] | components["schemas"]["ResourceRecord"] | components["schemas"]["ActivityRecord"] | components["schemas"]["ConversationRecord"] | components["schemas"]["MessageRecord"] | components["schemas"]["MetricRecord"] | components["schemas"]["RecoveryRecord"];
        RecoveryRecord: {
            /**
             * Format: int64
             * @description Which try of the same thing; 1 if absent.
             */
            attempt?: number;
            /** Format: int64 */
            duration_ms?: number;
            execution_id: string;
            /** @description Chosen by the sender. Needed, unless the request carries an Idempotency-Key. */
            id?: string;
            metadata?: {
                [key: string]: unknown;
            };
            status: string;
            step_id?: string;
            strategy: string;
            tags?: {
                [key: string]: string;
            };
            /** Format: date-time */
            timestamp: string;
            /**
             * @description The type.
             * @enum {string}
             */
            type: "recovery";
            /**
             * Format: date-time
             * @description When the sender knew this; its own times if absent.
             */
            updated_at?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description A record that was refused. */
        RejectedRecord: {
            /**
             * @description Why: a stable word.
             * @example time_impossible
             */
            code: string;
            /**
             * Format: int32
             * @description Its place in the request, from 0.
             * @example 3
             */
            index: number;
            /**
             * @description Why and what to do.
             * @example completed_at lies before started_at; send the end of the run.
             */
            message: string;
            /**
             * @description JSON pointer to the field at fault.
             * @example /completed_at
             */
            pointer?: string;
        };
        ResourceRecord: {
            /**
             * Format: int64
             * @description Which try of the same thing; 1 if absent.
             */
            attempt?: number;
            cpu_percent?: number;
            disk_percent?: number;
            /** Format: int64 */
            disk_read_bytes?: number;
            /** Format: int64 */
            disk_write_bytes?: number;
            execution_id?: string;
            gpu_memory_mb?: number;
            gpu_percent?: number;
            host?: string;
            /** @description Chosen by the sender. Needed, unless the request carries an Idempotency-Key. */
            id?: string;
            memory_mb?: number;
            metadata?: {
                [key: string]: unknown;
            };
            /** Format: int64 */
            network_receive_bytes?: number;
            /** Format: int64 */
            network_send_bytes?: number;
            /** Format: int64 */
            queue_depth?: number;
            tags?: {
                [key: string]: string;
            };
            /** Format: date-time */
            timestamp: string;
            /**
             * @description The type.
             * @enum {string}
             */
            type: "resource";
            /**
             * Format: date-time
             * @description When the sender knew this; its own times if absent.
             */
            updated_at?: string;
        } & {
            [key: string]: unknown;
        };
        /**
         * @description From what an answer was worked out.
         * @enum {string}
         */
        ServedBy: "raw" | "rollup";
        /** @description A stage of answering. */
        Stage: {
            /**
             * Format: double
             * @description How long it took, in milliseconds.
             */
            elapsed_ms: number;
            /** @description What was done: `plan`, `wait`, `read` or `shape`. */
            name: string;
        };
        StepRecord: {
            /**
             * Format: int64
             * @description Which try of the same thing; 1 if absent.
             */
            attempt?: number;
            credits?: number;
            /** Format: int64 */
            duration_ms?: number;
            /** Format: date-time */
            ended_at?: string;
            error_message?: string;
            error_type?: string;
            execution_id: string;
            /** @description Chosen by the sender. Needed, unless the request carries an Idempotency-Key. */
            id?: string;
            /** Format: int64 */
            input_bytes?: number;
            metadata?: {
                [key: string]: unknown;
            };
            /** Format: int64 */
            output_bytes?: number;
            /** Format: date-time */
            started_at: string;
            /** @enum {string} */
            status: "completed" | "failed" | "skipped";
            step_id?: string;
            step_name?: string;
            step_type?: string;
            tags?: {
                [key: string]: string;
            };
            target?: string;
            /**
             * @description The type.
             * @enum {string}
             */
            type: "step";
            /**
             * Format: date-time
             * @description When the sender knew this; its own times if absent.
             */
            updated_at?: string;
            /** @enum {string} */
            wait_kind?: "none" | "queue" | "external" | "human" | "retry_backoff";
        } & {
            [key: string]: unknown;
        };
        /**
         * @description A range of time: one of `period`, `from` (with or without `to`), or `last`.
         * @example {
         *       "period": "week"
         *     }
         */
        TimeRange: {
            /**
             * Format: date-time
             * @description The first instant inside.
             */
            from?: string | null;
            /** @description A rolling window that ends now: a number and `m`, `h`, `d` or `w`, such as `24h`. */
            last?: string | null;
            period?: components["schemas"]["Period"] | null;
            /**
             * Format: date-time
             * @description The first instant after it; now if left out.
             */
            to?: string | null;
        };
        /**
         * @description What a number counts.
         * @enum {string}
         */
        Unit: "count" | "per_minute" | "percent" | "ms" | "usd" | "credits" | "bytes" | "megabytes" | "tokens" | "minutes" | "score" | "value";
        WorkflowRecord: {
            /**
             * Format: int64
             * @description Which try of the same thing; 1 if absent.
             */
            attempt?: number;
            expected_minutes_saved?: number;
            expected_value?: number;
            group?: string;
            /** @description Chosen by the sender. Needed, unless the request carries an Idempotency-Key. */
            id?: string;
            is_active?: boolean;
            /** @enum {string} */
            kind?: "workflow" | "browser_task" | "rpa" | "bot" | "job";
            metadata?: {
                [key: string]: unknown;
            };
            name?: string;
            owner_id?: string;
            schedule?: {
                [key: string]: unknown;
            };
            tags?: {
                [key: string]: string;
            };
            /** Format: int64 */
            timeout_ms?: number;
            /**
             * @description The type.
             * @enum {string}
             */
            type: "workflow";
            /**
             * Format: date-time
             * @description When the sender knew this; its own times if absent.
             */
            updated_at?: string;
            version?: string;
        } & {
            [key: string]: unknown;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
