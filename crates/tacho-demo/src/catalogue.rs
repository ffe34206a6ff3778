//! What the company automates: the workflows it has, as data.

use crate::failure::Cause;
use crate::schedule::{Rhythm, Schedule};

/// Kinds of workflow, by their position in the declaration.
pub(crate) mod kind {
    pub(crate) const WORKFLOW: u8 = 0;
    pub(crate) const BROWSER_TASK: u8 = 1;
    pub(crate) const RPA: u8 = 2;
    pub(crate) const BOT: u8 = 3;
    pub(crate) const JOB: u8 = 4;
}

/// Triggers, by their position in the declaration.
pub(crate) mod trigger {
    pub(crate) const SCHEDULED: u8 = 0;
    pub(crate) const MANUAL: u8 = 1;
    pub(crate) const RETRY: u8 = 2;
    pub(crate) const WEBHOOK: u8 = 3;
    pub(crate) const API: u8 = 4;
    pub(crate) const EVENT: u8 = 5;
    pub(crate) const CONVERSATION: u8 = 6;
}

/// Sites and systems outside, which may be down.
pub(crate) const SITES: [&str; 10] = [
    "portal.supplierhub.example",
    "erp.northwind.example",
    "ocr.docuread.example",
    "api.paywise.example",
    "crm.contactbase.example",
    "bank.firstharbor.example",
    "mail.relay.example",
    "api.langmodel.example",
    "track.parcelway.example",
    "warehouse.db.example",
];
pub(crate) const SUPPLIERS: u8 = 0;
pub(crate) const ERP: u8 = 1;
pub(crate) const OCR: u8 = 2;
pub(crate) const PAYMENTS: u8 = 3;
pub(crate) const CRM: u8 = 4;
pub(crate) const BANK: u8 = 5;
pub(crate) const MAIL: u8 = 6;
pub(crate) const MODEL: u8 = 7;
pub(crate) const PARCELS: u8 = 8;
pub(crate) const WAREHOUSE: u8 = 9;

/// What starts a workflow.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cadence {
    /// A clock.
    Cron(Schedule),
    /// The world: that trigger, in that rhythm.
    Flow(u8, Rhythm),
}

/// A step of a workflow.
#[derive(Debug)]
pub(crate) struct StepTemplate {
    pub(crate) name: &'static str,
    pub(crate) step_type: &'static str,
    /// Which of the workflow's two sites it talks to, if any.
    pub(crate) site: Option<usize>,
    /// How much of the duration it takes, relative to the other steps.
    pub(crate) share: f64,
    /// `wait_kind`, by position.
    pub(crate) wait: u8,
}

const fn step(name: &'static str, step_type: &'static str, share: f64) -> StepTemplate {
    StepTemplate {
        name,
        step_type,
        site: None,
        share,
        wait: 0,
    }
}

const fn call(name: &'static str, step_type: &'static str, site: usize, share: f64) -> StepTemplate {
    StepTemplate {
        name,
        step_type,
        site: Some(site),
        share,
        wait: 2,
    }
}

const fn human(name: &'static str, share: f64) -> StepTemplate {
    StepTemplate {
        name,
        step_type: "approval",
        site: None,
        share,
        wait: 3,
    }
}

const DOCUMENT: &[StepTemplate] = &[
    step("Fetch document", "download", 0.6),
    call("Read text", "ocr", 0, 3.0),
    step("Classify", "llm", 1.4),
    step("Check totals", "validation", 0.3),
    call("Post to ledger", "api_call", 1, 1.2),
];
const PORTAL: &[StepTemplate] = &[
    call("Open portal", "navigate", 0, 1.0),
    call("Sign in", "login", 0, 1.6),
    call("Open list", "navigate", 0, 0.9),
    call("Read rows", "extract", 0, 2.4),
    step("Compare with last run", "transform", 0.3),
    call("Save result", "api_call", 1, 0.6),
];
const SYNC: &[StepTemplate] = &[
    call("Fetch changes", "api_call", 0, 2.0),
    step("Map fields", "transform", 0.4),
    call("Write changes", "api_call", 1, 1.7),
];
const DESKTOP: &[StepTemplate] = &[
    step("Start application", "launch", 0.8),
    call("Sign in", "login", 0, 0.7),
    call("Open form", "ui", 0, 0.8),
    call("Fill in", "ui", 0, 3.2),
    call("Confirm", "ui", 0, 0.5),
    call("Send receipt", "email", 1, 0.4),
];
const APPROVED: &[StepTemplate] = &[
    step("Collect data", "transform", 0.3),
    call("Look up record", "api_call", 0, 0.5),
    human("Wait for approval", 6.0),
    call("Carry out", "api_call", 1, 0.8),
    step("Notify", "email", 0.2),
];
const BATCH: &[StepTemplate] = &[
    step("Take snapshot", "sql", 1.0),
    call("Load", "sql", 0, 3.5),
    step("Check", "validation", 0.8),
    call("Report", "email", 1, 0.2),
];
const TALK: &[StepTemplate] = &[
    step("Understand", "llm", 1.0),
    call("Look up", "api_call", 0, 0.8),
    call("Answer", "llm", 1, 1.6),
];

/// A workflow that a company may have.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: u8,
    pub(crate) group: &'static str,
    pub(crate) cadence: Cadence,
    /// Its share of all executions, relative to the others.
    pub(crate) weight: f64,
    pub(crate) median_s: f64,
    /// Spread of the duration (standard deviation of its logarithm).
    pub(crate) sigma: f64,
    pub(crate) timeout_s: f64,
    /// Probability that a run fails in ordinary times.
    pub(crate) failure: f64,
    pub(crate) steps: &'static [StepTemplate],
    pub(crate) sites: [u8; 2],
    pub(crate) causes: &'static [Cause],
    /// Items that a run handles, typically.
    pub(crate) items: f64,
    pub(crate) minutes_saved_per_item: f64,
    /// Tokens of a language model that a run takes, typically.
    pub(crate) tokens: f64,
    /// How often a run is tried at most.
    pub(crate) attempts_max: u32,
    /// A workflow whose runs it starts, and how many.
    pub(crate) child: Option<(&'static str, u8)>,
}

const BASE: Template = Template {
    slug: "",
    name: "",
    kind: kind::WORKFLOW,
    group: "",
    cadence: Cadence::Flow(trigger::EVENT, Rhythm::Office),
    weight: 1.0,
    median_s: 20.0,
    sigma: 0.5,
    timeout_s: 600.0,
    failure: 0.03,
    steps: SYNC,
    sites: [ERP, MAIL],
    causes: &[Cause::Http, Cause::RateLimit, Cause::Validation],
    items: 1.0,
    minutes_saved_per_item: 3.0,
    tokens: 0.0,
    attempts_max: 2,
    child: None,
};

const ON_SCREEN: &[Cause] = &[
    Cause::Selector,
    Cause::Selector,
    Cause::Login,
    Cause::Http,
    Cause::Memory,
];
const ON_PAPER: &[Cause] = &[Cause::Document, Cause::Validation, Cause::Http, Cause::Model];
const IN_DATA: &[Cause] = &[Cause::Deadlock, Cause::Script, Cause::Memory, Cause::Http];
const IN_TALK: &[Cause] = &[Cause::Model, Cause::Http, Cause::RateLimit];

macro_rules! templates {
    ($($slug:literal $name:literal $kind:ident $group:literal { $($field:ident : $value:expr),* $(,)? })*) => {
        &[$(Template { slug: $slug, name: $name, kind: kind::$kind, group: $group, $($field: $value,)* ..BASE }),*]
    };
}

use Cadence::{Cron, Flow};
use Rhythm::{Customers, Office};
use Schedule::{Daily, Every, EveryAtWork, Monthly, Weekdays, Weekly};
use trigger::{API, CONVERSATION, EVENT, MANUAL, WEBHOOK};

/// Every template, the most telling first: a small company has those.
pub(crate) const TEMPLATES: &[Template] = templates! {
    "invoice-capture" "Invoice capture" WORKFLOW "Finance" { cadence: Flow(EVENT, Office), weight: 10.0, median_s: 24.0,
        failure: 0.035, steps: DOCUMENT, sites: [OCR, ERP], causes: ON_PAPER, items: 2.0, minutes_saved_per_item: 4.5,
        tokens: 2600.0, attempts_max: 3 }
    "supplier-portal-login" "Supplier portal login" BROWSER_TASK "Procurement" { cadence: Cron(EveryAtWork(15)),
        weight: 5.0, median_s: 48.0, failure: 0.06, steps: PORTAL, sites: [SUPPLIERS, ERP], causes: ON_SCREEN, items: 6.0,
        minutes_saved_per_item: 0.8, attempts_max: 3 }
    "nightly-reconciliation" "Nightly reconciliation" JOB "Finance" { cadence: Cron(Daily(2, 30)), weight: 0.6,
        median_s: 1100.0, sigma: 0.25, timeout_s: 5400.0, failure: 0.04, steps: BATCH, sites: [WAREHOUSE, MAIL],
        causes: IN_DATA, items: 240.0, minutes_saved_per_item: 0.3, child: Some(("bank-statement-import", 3)) }
    "support-bot" "Support bot" BOT "Customer care" { cadence: Flow(CONVERSATION, Customers), weight: 9.0, median_s: 150.0,
        sigma: 0.8, timeout_s: 3600.0, failure: 0.015, steps: TALK, sites: [CRM, MODEL], causes: IN_TALK,
        minutes_saved_per_item: 6.0, attempts_max: 1, child: Some(("returns-handling", 1)) }
    "payroll-export" "Payroll export" RPA "People operations" { cadence: Cron(Weekly(3, 5, 30)), weight: 0.3,
        median_s: 640.0, sigma: 0.3, timeout_s: 3600.0, failure: 0.05, steps: DESKTOP, sites: [ERP, MAIL],
        causes: ON_SCREEN, items: 85.0, minutes_saved_per_item: 1.2 }
    "order-intake" "Order intake from e-mail" WORKFLOW "Sales operations" { cadence: Flow(EVENT, Customers), weight: 8.0,
        median_s: 14.0, failure: 0.03, steps: DOCUMENT, sites: [MODEL, ERP], causes: ON_PAPER, minutes_saved_per_item: 5.0,
        tokens: 1900.0 }
    "crm-contact-sync" "CRM contact sync" WORKFLOW "Sales operations" { cadence: Cron(Every(10)), weight: 4.0,
        median_s: 9.0, sigma: 0.6, failure: 0.02, sites: [CRM, ERP], items: 18.0, minutes_saved_per_item: 0.2,
        attempts_max: 3 }
    "price-monitor" "Competitor price monitor" BROWSER_TASK "Marketing" { cadence: Cron(Every(30)), weight: 4.0,
        median_s: 75.0, failure: 0.08, steps: PORTAL, sites: [SUPPLIERS, WAREHOUSE], causes: ON_SCREEN, items: 30.0,
        minutes_saved_per_item: 0.5 }
    "bank-statement-import" "Bank statement import" RPA "Finance" { cadence: Cron(Weekdays(6, 0)), weight: 1.0,
        median_s: 95.0, failure: 0.045, steps: DESKTOP, sites: [BANK, ERP], causes: ON_SCREEN, items: 40.0,
        minutes_saved_per_item: 0.4, attempts_max: 3 }
    "returns-handling" "Returns handling" WORKFLOW "Customer care" { cadence: Flow(EVENT, Customers), weight: 4.0,
        median_s: 18.0, failure: 0.025, sites: [PARCELS, ERP], minutes_saved_per_item: 7.0 }
    "employee-onboarding" "Employee onboarding" WORKFLOW "People operations" { cadence: Flow(MANUAL, Office), weight: 0.8,
        median_s: 900.0, sigma: 0.9, timeout_s: 7200.0, failure: 0.03, steps: APPROVED, sites: [CRM, MAIL],
        minutes_saved_per_item: 55.0 }
    "data-warehouse-load" "Data warehouse load" JOB "Data" { cadence: Cron(Every(60)), weight: 2.0, median_s: 210.0,
        sigma: 0.3, timeout_s: 1800.0, failure: 0.02, steps: BATCH, sites: [WAREHOUSE, MAIL], causes: IN_DATA,
        items: 1500.0, minutes_saved_per_item: 0.005 }
    "shipment-tracking" "Shipment tracking" BROWSER_TASK "Logistics" { cadence: Cron(Every(20)), weight: 4.0,
        median_s: 33.0, failure: 0.05, steps: PORTAL, sites: [PARCELS, ERP], causes: ON_SCREEN, items: 22.0,
        minutes_saved_per_item: 0.6 }
    "ticket-triage" "Ticket triage" WORKFLOW "Customer care" { cadence: Flow(WEBHOOK, Customers), weight: 7.0,
        median_s: 4.5, failure: 0.015, steps: TALK, sites: [CRM, MODEL], causes: IN_TALK, minutes_saved_per_item: 1.5,
        tokens: 1200.0 }
    "database-backup" "Database backup" JOB "IT" { cadence: Cron(Daily(1, 15)), weight: 0.2, median_s: 1500.0, sigma: 0.15,
        timeout_s: 7200.0, failure: 0.01, steps: BATCH, sites: [WAREHOUSE, MAIL], causes: IN_DATA,
        minutes_saved_per_item: 0.0, attempts_max: 1 }
    "order-status-bot" "Order status bot" BOT "Customer care" { cadence: Flow(CONVERSATION, Customers), weight: 5.0,
        median_s: 70.0, sigma: 0.7, timeout_s: 3600.0, failure: 0.02, steps: TALK, sites: [PARCELS, MODEL],
        causes: IN_TALK, minutes_saved_per_item: 4.0, attempts_max: 1, child: Some(("shipment-tracking", 1)) }
    "contract-extraction" "Contract data extraction" WORKFLOW "Legal" { cadence: Flow(MANUAL, Office), weight: 1.5,
        median_s: 95.0, sigma: 0.7, failure: 0.05, steps: DOCUMENT, sites: [OCR, CRM], causes: ON_PAPER,
        minutes_saved_per_item: 22.0, tokens: 14_000.0 }
    "month-end-close" "Month-end close" WORKFLOW "Finance" { cadence: Cron(Monthly(1, 4, 0)), weight: 0.05,
        median_s: 3000.0, sigma: 0.2, timeout_s: 7200.0, failure: 0.06, steps: APPROVED, sites: [ERP, WAREHOUSE],
        causes: IN_DATA, minutes_saved_per_item: 240.0, child: Some(("expense-audit", 4)) }
    "expense-audit" "Expense audit" WORKFLOW "Finance" { cadence: Cron(Weekdays(19, 0)), weight: 1.0, median_s: 160.0,
        failure: 0.03, steps: DOCUMENT, sites: [OCR, ERP], causes: ON_PAPER, items: 35.0, minutes_saved_per_item: 1.1,
        tokens: 5200.0 }
    "lead-enrichment" "Lead enrichment" WORKFLOW "Marketing" { cadence: Flow(WEBHOOK, Customers), weight: 6.0,
        median_s: 6.5, failure: 0.04, sites: [CRM, MODEL], minutes_saved_per_item: 2.5, tokens: 900.0 }
    "stock-level-update" "Stock level update" RPA "Logistics" { cadence: Cron(Every(15)), weight: 3.0, median_s: 52.0,
        failure: 0.04, steps: DESKTOP, sites: [ERP, MAIL], causes: ON_SCREEN, items: 60.0, minutes_saved_per_item: 0.15 }
    "kyc-screening" "Customer screening" WORKFLOW "Compliance" { cadence: Flow(API, Customers), weight: 5.0, median_s: 11.0,
        failure: 0.02, sites: [BANK, CRM], minutes_saved_per_item: 12.0 }
    "dunning-letters" "Dunning letters" RPA "Finance" { cadence: Cron(Weekdays(8, 0)), weight: 0.8, median_s: 330.0,
        failure: 0.04, steps: DESKTOP, sites: [ERP, MAIL], causes: ON_SCREEN, items: 28.0, minutes_saved_per_item: 2.0 }
    "hr-help-bot" "HR help bot" BOT "People operations" { cadence: Flow(CONVERSATION, Office), weight: 1.5, median_s: 95.0,
        sigma: 0.7, timeout_s: 3600.0, failure: 0.01, steps: TALK, sites: [CRM, MODEL], causes: IN_TALK,
        minutes_saved_per_item: 5.0, attempts_max: 1 }
    "customs-declaration" "Customs declaration" RPA "Logistics" { cadence: Flow(EVENT, Office), weight: 2.0,
        median_s: 140.0, failure: 0.06, steps: DESKTOP, sites: [PARCELS, ERP], causes: ON_SCREEN,
        minutes_saved_per_item: 18.0, attempts_max: 3 }
    "sales-report-mail" "Sales report by mail" JOB "Sales operations" { cadence: Cron(Weekdays(6, 45)), weight: 0.3,
        median_s: 42.0, failure: 0.02, steps: BATCH, sites: [WAREHOUSE, MAIL], causes: IN_DATA,
        minutes_saved_per_item: 25.0 }
    "claims-intake" "Insurance claims intake" WORKFLOW "Customer care" { cadence: Flow(API, Customers), weight: 3.0,
        median_s: 31.0, failure: 0.04, steps: DOCUMENT, sites: [OCR, CRM], causes: ON_PAPER, minutes_saved_per_item: 9.0,
        tokens: 4100.0 }
    "tender-watch" "Tender watch" BROWSER_TASK "Sales operations" { cadence: Cron(Weekdays(7, 30)), weight: 0.4,
        median_s: 210.0, failure: 0.09, steps: PORTAL, sites: [SUPPLIERS, CRM], causes: ON_SCREEN, items: 12.0,
        minutes_saved_per_item: 3.0 }
    "payment-run" "Payment run" WORKFLOW "Finance" { cadence: Cron(Weekdays(11, 0)), weight: 0.5, median_s: 1300.0,
        sigma: 0.6, timeout_s: 7200.0, failure: 0.02, steps: APPROVED, sites: [PAYMENTS, BANK], items: 90.0,
        minutes_saved_per_item: 0.5 }
    "fx-rates-update" "Exchange rates update" JOB "Finance" { cadence: Cron(EveryAtWork(60)), weight: 0.5, median_s: 3.0,
        failure: 0.01, sites: [PAYMENTS, WAREHOUSE], minutes_saved_per_item: 0.5, attempts_max: 3 }
    "refund-approval" "Refund approval" WORKFLOW "Customer care" { cadence: Flow(MANUAL, Office), weight: 1.5,
        median_s: 600.0, sigma: 1.0, timeout_s: 7200.0, failure: 0.02, steps: APPROVED, sites: [PAYMENTS, CRM],
        minutes_saved_per_item: 8.0 }
    "certificate-check" "Certificate expiry check" JOB "IT" { cadence: Cron(Daily(5, 10)), weight: 0.2, median_s: 12.0,
        failure: 0.01, sites: [MAIL, WAREHOUSE], causes: IN_DATA, minutes_saved_per_item: 3.0 }
    "warranty-registration" "Warranty registration" BROWSER_TASK "Customer care" { cadence: Flow(WEBHOOK, Customers),
        weight: 2.0, median_s: 41.0, failure: 0.06, steps: PORTAL, sites: [SUPPLIERS, CRM], causes: ON_SCREEN,
        minutes_saved_per_item: 4.0 }
    "timesheet-reminder" "Timesheet reminder" JOB "People operations" { cadence: Cron(Weekly(4, 15, 0)), weight: 0.1,
        median_s: 8.0, failure: 0.01, sites: [MAIL, CRM], items: 85.0, minutes_saved_per_item: 0.3 }
    "newsletter-export" "Newsletter export" WORKFLOW "Marketing" { cadence: Cron(Weekly(1, 9, 20)), weight: 0.1,
        median_s: 75.0, failure: 0.03, sites: [CRM, MAIL], items: 400.0, minutes_saved_per_item: 0.02 }
    "licence-renewal-check" "Licence renewal check" BROWSER_TASK "IT" { cadence: Cron(Weekly(0, 7, 5)), weight: 0.1,
        median_s: 160.0, failure: 0.08, steps: PORTAL, sites: [SUPPLIERS, MAIL], causes: ON_SCREEN, items: 14.0,
        minutes_saved_per_item: 2.0 }
};

/// Where a further instance of a template serves, once every template stands once.
pub(crate) const BRANCHES: [(&str, &str); 12] = [
    ("iberia", "Iberia"),
    ("dach", "DACH"),
    ("nordics", "Nordics"),
    ("benelux", "Benelux"),
    ("uk", "UK"),
    ("italy", "Italy"),
    ("poland", "Poland"),
    ("france", "France"),
    ("us-east", "US East"),
    ("us-west", "US West"),
    ("brazil", "Brazil"),
    ("japan", "Japan"),
];

/// First and last names of its people.
pub(crate) const FIRST_NAMES: [&str; 32] = [
    "ana", "bruno", "carla", "david", "elena", "felix", "greta", "hugo", "ines", "jonas", "katja", "luis",
    "maria", "nils", "olga", "pedro", "rosa", "samir", "tanja", "umberto", "vera", "wim", "xenia", "yusuf",
    "zoe", "amir", "beate", "chen", "dina", "emil", "farah", "goran",
];
pub(crate) const LAST_NAMES: [&str; 24] = [
    "costa",
    "weber",
    "novak",
    "silva",
    "jansen",
    "moreau",
    "rossi",
    "kowalski",
    "berg",
    "lindqvist",
    "haddad",
    "tanaka",
    "okafor",
    "schmidt",
    "garcia",
    "dubois",
    "petrov",
    "kaya",
    "nielsen",
    "ferrari",
    "martin",
    "horvat",
    "singh",
    "alves",
];

/// Its customers, the largest first.
pub(crate) const CUSTOMERS_NAMES: [&str; 24] = [
    "aurora-foods",
    "baltic-freight",
    "cedar-health",
    "delta-retail",
    "elm-insurance",
    "fjord-energy",
    "granite-bank",
    "harbor-logistics",
    "iris-media",
    "juniper-labs",
    "kestrel-air",
    "lumen-optics",
    "maple-homes",
    "nova-textiles",
    "opal-hotels",
    "pine-outdoor",
    "quartz-steel",
    "river-dairy",
    "sable-motors",
    "tidal-marine",
    "umber-crafts",
    "vale-pharma",
    "willow-books",
    "zephyr-wind",
];
pub(crate) const REGIONS: [&str; 4] = ["eu-west", "eu-central", "us-east", "ap-south"];
