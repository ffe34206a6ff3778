//! The budgets of the design, each measured at a bounded size by what measures it at length, and whether it is kept.

mod parts;
mod row;

use std::path::PathBuf;
use std::time::Duration;

use crate::query;
use crate::table::Table;

use self::row::Row;

/// Records a second that come in while questions are asked.
const BESIDE_PER_SECOND: u64 = 20_000;

/// What to measure, and where.
#[derive(Clone, Debug)]
pub struct Case {
    /// The server's binary.
    pub binary: PathBuf,
    /// Where its data goes.
    pub directory: PathBuf,
    /// What visits pages in a browser, if there is one.
    pub visitor: Option<PathBuf>,
    /// How much of everything.
    pub sizes: Sizes,
}

/// How much of everything.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// Each stretch of ingest.
    pub ingest: Duration,
    /// Executions of a year, twice, to see whether answers take as long.
    pub executions: [u64; 2],
    /// How often each question is asked.
    pub rounds: usize,
    /// How long kept answers are asked for.
    pub kept_answers: Duration,
    /// Clients that watch a dashboard.
    pub clients: usize,
    /// Each stretch of live pages.
    pub live: Duration,
    /// Visits to each page.
    pub visits: usize,
    /// Kills.
    pub kills: usize,
    /// Whether it is too little to go by.
    pub is_quick: bool,
}

impl Sizes {
    /// Enough to go by, in 20 to 25 minutes.
    pub fn full() -> Self {
        Self {
            ingest: Duration::from_secs(20),
            executions: [1_000_000, 10_000_000],
            rounds: 20,
            kept_answers: Duration::from_secs(10),
            clients: 10_000,
            live: Duration::from_secs(12),
            visits: 5,
            kills: 8,
            is_quick: false,
        }
    }

    /// Shows in 3 minutes that everything can be measured.
    pub fn quick() -> Self {
        Self {
            ingest: Duration::from_secs(3),
            executions: [30_000, 300_000],
            rounds: 5,
            kept_answers: Duration::from_secs(2),
            clients: 500,
            live: Duration::from_secs(3),
            visits: 1,
            kills: 2,
            is_quick: true,
        }
    }
}

/// What came out.
#[derive(Debug)]
pub struct Figures {
    rows: Vec<Row>,
    /// What could not be measured, and why.
    pub failures: Vec<String>,
    has_pages: bool,
    is_quick: bool,
}

impl Case {
    /// A year of so many executions, which is filled once and stays for as long as the directory.
    fn filled(&self, executions: u64) -> query::Case {
        query::Case {
            binary: self.binary.clone(),
            directory: self.directory.clone(),
            is_kept: true,
            executions,
            rounds: self.sizes.rounds,
            beside_per_second: BESIDE_PER_SECOND,
            peers: Vec::new(),
            python: None,
        }
    }
}

/// Measures all of them. What cannot be measured is told among the figures, so that the rest is not lost.
///
/// # Errors
/// If there is no place for data.
pub fn measure(case: &Case) -> anyhow::Result<Figures> {
    let temporary = tempfile::tempdir_in(&case.directory)?;
    let case = Case {
        directory: temporary.path().to_owned(),
        ..case.clone()
    };
    let mut figures = Figures {
        rows: Vec::new(),
        failures: Vec::new(),
        has_pages: case.visitor.is_some(),
        is_quick: case.sizes.is_quick,
    };
    for (name, part) in parts::ALL {
        eprintln!("budgets: {name}");
        match part(&case) {
            Ok(rows) => figures.rows.extend(rows),
            Err(error) => figures.failures.push(format!("{name}: {error:#}")),
        }
    }
    Ok(figures)
}

impl Figures {
    /// One table.
    pub fn markdown(&self) -> String {
        let mut table = Table::new(&["budget", "aim", "measured", "", "at length"]);
        for row in &self.rows {
            table.push(row.cells());
        }
        let mut text = table.markdown();
        if self.is_quick {
            text += "\n**A smoke test: so little was measured that these figures say nothing.**\n";
        }
        if !self.has_pages {
            text += "\n* Left out: pages in a browser, for which Node.js and Chromium are needed\n";
        }
        for failure in &self.failures {
            text += &format!("\n* Not measured: {failure}\n");
        }
        text
    }
}
