//! The company: who works there, what it automates, and what happens to it. Incidents and versions are functions of time,
//! so the truth about any moment can be asked for, by tests that must find it again too.

use jiff::tz::TimeZone;
use tacho_core::{Record, RecordType, TimeRange, Timestamp};

use crate::Config;
use crate::catalogue::{
    BRANCHES, CUSTOMERS_NAMES, Cadence, FIRST_NAMES, LAST_NAMES, REGIONS, SITES, TEMPLATES, Template,
};
use crate::dice::{Dice, hash};
use crate::draft::Draft;
use crate::layout::WorkflowField as W;
use crate::schedule::{DAY_MICROS, HOUR_MICROS};

/// 2020-01-01T00:00:00Z: versions are counted from here.
const ANCHOR: i64 = 1_577_836_800_000_000;
/// Each such stretch of time holds at most one incident.
const INCIDENT_WINDOW: i64 = 10 * DAY_MICROS;

const STREAM_WORKFLOW: u64 = 1;
const STREAM_PERSON: u64 = 2;
const STREAM_INCIDENT: u64 = 3;
const STREAM_VERSION: u64 = 4;

/// An outside site or system is down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Incident {
    /// Which.
    pub site: &'static str,
    /// From
    pub start: Timestamp,
    /// until.
    pub end: Timestamp,
    /// The share of runs that talk to it and fail.
    pub severity: f64,
    pub(crate) site_index: u8,
}

/// A version of a workflow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Version {
    /// Counts up.
    pub(crate) number: u32,
    /// When it was deployed.
    pub since: Timestamp,
    /// How much longer its runs take than those of an ordinary version.
    pub duration_factor: f64,
    /// How much more often they fail.
    pub failure_factor: f64,
}

impl Version {
    /// Its name, such as `4.7.0`.
    pub fn name(&self) -> String {
        format!("{}.{}.0", 1 + self.number / 24, self.number % 24)
    }
}

/// A workflow of the company.
#[derive(Debug)]
pub struct Workflow {
    /// Its id in every record.
    pub id: String,
    /// Its name.
    pub name: String,
    /// E-mail address of its owner.
    pub owner_id: String,
    pub(crate) template: &'static Template,
    pub(crate) index: usize,
    key: u64,
    version_period: i64,
    drift_period: f64,
    drift_phase: f64,
    drift: f64,
    pub(crate) tags_plain: String,
    pub(crate) child: Option<(usize, u8)>,
}

impl Workflow {
    /// How much longer its runs take at that time than at the average of years: slow drift.
    pub fn drift_at(&self, at: Timestamp) -> f64 {
        let turns = at.as_micros() as f64 / self.drift_period + self.drift_phase;
        1.0 + self.drift * (turns * std::f64::consts::TAU).sin()
    }

    /// How much more often it is used at that time than at the average of years.
    pub(crate) fn trend_at(&self, at: i64) -> f64 {
        let turns = at as f64 / (1.37 * self.drift_period) + self.drift_phase;
        1.0 + 0.2 * (turns * std::f64::consts::TAU).cos()
    }

    /// The version that runs at that time.
    pub fn version_at(&self, at: Timestamp) -> Version {
        let period = (at.as_micros() - ANCHOR).div_euclid(self.version_period);
        let deployed = self.deployed_at(period);
        let (number, since) = if at.as_micros() >= deployed {
            (period, deployed)
        } else {
            (period - 1, self.deployed_at(period - 1))
        };
        let number = number.max(0) as u32;
        let mut dice = Dice::of(&[self.key, STREAM_VERSION, u64::from(number)]);
        let fate = dice.unit();
        let (duration_factor, failure_factor) = if fate < 0.12 {
            (dice.between(1.35, 1.9), 1.0)
        } else if fate < 0.2 {
            (1.0, dice.between(3.0, 7.0))
        } else if fate < 0.3 {
            (dice.between(0.7, 0.85), 0.8)
        } else {
            (dice.between(0.97, 1.03), dice.between(0.9, 1.1))
        };
        Version {
            number,
            since: Timestamp::from_micros(since),
            duration_factor,
            failure_factor,
        }
    }

    /// Deploys happen in the middle of their period, in the morning.
    fn deployed_at(&self, period: i64) -> i64 {
        let mut dice = Dice::of(&[self.key, STREAM_VERSION, period as u64, 1]);
        let inside = (dice.between(0.2, 0.8) * self.version_period as f64) as i64;
        let day = (ANCHOR + period * self.version_period + inside).div_euclid(DAY_MICROS);
        day * DAY_MICROS + (dice.between(8.0, 15.0) * HOUR_MICROS as f64) as i64
    }
}

/// Someone who works there.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    /// Sessions on an average day.
    pub(crate) sessions_per_day: f64,
    /// Has an account from then on.
    pub(crate) joined_at: i64,
}

/// A made-up company. Everything about it follows from the seed.
#[derive(Debug)]
pub struct Company {
    pub(crate) seed: u64,
    pub(crate) zone: TimeZone,
    pub(crate) workflows: Vec<Workflow>,
    pub(crate) people: Vec<Person>,
    /// Tags of runs for a customer, by customer, in production and in staging.
    pub(crate) customer_tags: Vec<[String; 2]>,
}

impl Company {
    /// The company that a configuration describes.
    pub fn new(config: &Config) -> Self {
        let seed = config.seed;
        let people: Vec<Person> = (0..config.people.max(1))
            .map(|index| person(seed, index))
            .collect();
        let mut workflows: Vec<Workflow> = (0..config.workflows.max(1))
            .map(|index| workflow(seed, index, &people))
            .collect();
        let families: Vec<_> = workflows
            .iter()
            .map(|workflow| (workflow.template.slug, workflow.index))
            .collect();
        for workflow in &mut workflows {
            workflow.child = workflow.template.child.and_then(|(slug, count)| {
                families
                    .iter()
                    .find(|(family, _)| *family == slug)
                    .map(|(_, index)| (*index, count))
            });
        }
        let customer_tags = CUSTOMERS_NAMES
            .iter()
            .enumerate()
            .map(|(index, customer)| {
                let region = REGIONS[index % REGIONS.len()];
                ["production", "staging"].map(|environment| {
                    format!(
                        "{{\"customer\":\"{customer}\",\"environment\":\"{environment}\",\"region\":\"{region}\"}}"
                    )
                })
            })
            .collect();
        Self {
            seed,
            zone: config.zone.clone(),
            workflows,
            people,
            customer_tags,
        }
    }

    /// Its workflows.
    pub fn workflows(&self) -> &[Workflow] {
        &self.workflows
    }

    /// The e-mail addresses under which its people appear in records.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        self.people.iter().map(|person| person.id.as_str())
    }

    /// The incidents that touch a range, in order.
    pub fn incidents(&self, range: TimeRange) -> Vec<Incident> {
        let (start, end) = (range.start.as_micros(), range.end.as_micros());
        let windows = start.div_euclid(INCIDENT_WINDOW) - 1..=end.div_euclid(INCIDENT_WINDOW);
        windows
            .filter_map(|window| self.incident(window))
            .filter(|incident| incident.start < range.end && incident.end > range.start)
            .collect()
    }

    fn incident(&self, window: i64) -> Option<Incident> {
        let mut dice = Dice::of(&[self.seed, STREAM_INCIDENT, window as u64]);
        if !dice.chance(0.8) {
            return None;
        }
        let site_index = dice.below(SITES.len() as u64) as u8;
        let day = window * INCIDENT_WINDOW + dice.below(9) as i64 * DAY_MICROS;
        let start = day + (dice.between(6.0, 16.0) * HOUR_MICROS as f64) as i64;
        let end = start + (dice.between(0.8, 5.0) * HOUR_MICROS as f64) as i64;
        Some(Incident {
            site: SITES[site_index as usize],
            start: Timestamp::from_micros(start),
            end: Timestamp::from_micros(end),
            severity: dice.between(0.55, 0.95),
            site_index,
        })
    }

    /// The workflow records as of a moment.
    pub fn definitions(&self, at: Timestamp) -> Vec<Record> {
        self.workflows
            .iter()
            .map(|workflow| self.definition(workflow, at))
            .collect()
    }

    pub(crate) fn definition(&self, workflow: &Workflow, at: Timestamp) -> Record {
        let template = workflow.template;
        let zone = self.zone.iana_name().unwrap_or("UTC");
        let schedule = match template.cadence {
            Cadence::Cron(schedule) => Some(format!(
                "{{\"cron\":\"{}\",\"timezone\":\"{zone}\"}}",
                schedule.cron()
            )),
            Cadence::Flow(..) => None,
        };
        Draft::new(RecordType::Workflow, &workflow.id, 1, at.as_micros(), 10)
            .text(W::name, &workflow.name)
            .word(W::kind, template.kind)
            .text(W::version, &workflow.version_at(at).name())
            .text(W::owner_id, &workflow.owner_id)
            .flag(W::is_active, true)
            .text_if(W::schedule, schedule.as_deref())
            .float(
                W::expected_minutes_saved,
                template.minutes_saved_per_item * template.items,
            )
            .text(W::group, template.group)
            .text(W::tags, &workflow.tags_plain)
            .done()
    }
}

fn workflow(seed: u64, index: usize, people: &[Person]) -> Workflow {
    let template = &TEMPLATES[index % TEMPLATES.len()];
    let instance = index / TEMPLATES.len();
    let (id, name) = if instance == 0 {
        (template.slug.to_owned(), template.name.to_owned())
    } else {
        let (slug, branch) = BRANCHES[(instance - 1) % BRANCHES.len()];
        match (instance - 1) / BRANCHES.len() {
            0 => (
                format!("{}-{slug}", template.slug),
                format!("{} {branch}", template.name),
            ),
            again => (
                format!("{}-{slug}-{}", template.slug, again + 1),
                format!("{} {branch} {}", template.name, again + 1),
            ),
        }
    };
    let key = hash(&[seed, STREAM_WORKFLOW, index as u64]);
    let mut dice = Dice::of(&[key]);
    // The first half of the people were there from the start.
    let owners = &people[..people.len().div_ceil(2)];
    Workflow {
        id,
        name,
        owner_id: dice.pick(owners).id.clone(),
        template,
        index,
        key,
        version_period: (dice.between(9.0, 40.0) * DAY_MICROS as f64) as i64,
        drift_period: dice.between(180.0, 500.0) * DAY_MICROS as f64,
        drift_phase: dice.unit(),
        drift: dice.between(0.03, 0.25),
        tags_plain: format!(
            "{{\"environment\":\"production\",\"region\":\"{}\"}}",
            dice.pick(&REGIONS)
        ),
        child: None,
    }
}

fn person(seed: u64, index: usize) -> Person {
    let first = FIRST_NAMES[index % FIRST_NAMES.len()];
    // For each first name another last name every round, until every pair is used up.
    let last = LAST_NAMES[(index % FIRST_NAMES.len() * 7 + index / FIRST_NAMES.len()) % LAST_NAMES.len()];
    let round = index / (FIRST_NAMES.len() * LAST_NAMES.len());
    let id = match round {
        0 => format!("{first}.{last}@demo.example"),
        again => format!("{first}.{last}{}@demo.example", again + 1),
    };
    let mut dice = Dice::of(&[seed, STREAM_PERSON, index as u64]);
    Person {
        id,
        sessions_per_day: dice.log_normal(1.6, 0.8).min(8.0),
        joined_at: if index.is_multiple_of(2) {
            0
        } else {
            // Some time in 2025 to 2027.
            ANCHOR + (dice.between(5.0, 8.0) * 365.25 * DAY_MICROS as f64) as i64
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn nobody_and_nothing_stands_twice() {
        let mut config = Config::new(
            3,
            Timestamp::from_micros(ANCHOR),
            Timestamp::from_micros(ANCHOR + DAY_MICROS),
            1_500,
            10,
        );
        config.people = 1_600;
        let company = Company::new(&config);
        let ids: HashSet<_> = company.workflows().iter().map(|workflow| &workflow.id).collect();
        assert_eq!(ids.len(), 1_500);
        let names: HashSet<_> = company
            .workflows()
            .iter()
            .map(|workflow| &workflow.name)
            .collect();
        assert_eq!(names.len(), 1_500);
        assert_eq!(company.people().collect::<HashSet<_>>().len(), 1_600);
    }
}
