//! The source `resources`: samples of what executions and hosts use.

use tacho_core::record::RecordType;

use super::declare::{
    by, bytes, count, distinct, execution_id, measure, same, user, whole_numbers, workflow,
};
use super::{Aggregate, Dimension, Field, Kind, Measure, Source, float, whole};
use crate::answer::{Better, Unit};

pub(super) static SOURCE: Source = Source {
    name: "resources",
    label: "Resources",
    definition: "Samples of what executions and hosts use, each counted when it was taken.",
    record_type: RecordType::Resource,
    measures: MEASURES,
    dimensions: DIMENSIONS,
    fields: FIELDS,
};

/// A level of use, which is neither good nor bad by itself.
const fn level(
    name: &'static str,
    label: &'static str,
    definition: &'static str,
    unit: Unit,
    aggregate: Aggregate,
) -> Measure {
    measure(name, label, definition, unit, None, aggregate)
}

/// A length of the queue, of which shorter ones are better.
const fn queue_depth(
    name: &'static str,
    label: &'static str,
    definition: &'static str,
    aggregate: Aggregate,
) -> Measure {
    measure(
        name,
        label,
        definition,
        Unit::Count,
        Some(Better::Lower),
        aggregate,
    )
}

static MEASURES: &[Measure] = &[
    count("Samples", "Samples of executions and of hosts."),
    level(
        "cpu_avg",
        "Average CPU",
        "The mean use of processors in percent, where 100 is one of them in full.",
        Unit::Percent,
        Aggregate::Average(float("cpu_percent")),
    ),
    level(
        "cpu_max",
        "Peak CPU",
        "The greatest use of processors in percent, where 100 is one of them in full.",
        Unit::Percent,
        Aggregate::Maximum(float("cpu_percent")),
    ),
    level(
        "cpu_p95",
        "95th percentile of CPU",
        "95 of 100 samples show less use of processors.",
        Unit::Percent,
        Aggregate::Quantile(float("cpu_percent"), 0.95),
    ),
    level(
        "memory_avg",
        "Average memory",
        "The mean memory in use, in megabytes.",
        Unit::Megabytes,
        Aggregate::Average(float("memory_mb")),
    ),
    level(
        "memory_max",
        "Peak memory",
        "The most memory in use, in megabytes.",
        Unit::Megabytes,
        Aggregate::Maximum(float("memory_mb")),
    ),
    level(
        "memory_p95",
        "95th percentile of memory",
        "95 of 100 samples show less memory in use.",
        Unit::Megabytes,
        Aggregate::Quantile(float("memory_mb"), 0.95),
    ),
    level(
        "gpu_avg",
        "Average GPU",
        "The mean use of graphics processors in percent.",
        Unit::Percent,
        Aggregate::Average(float("gpu_percent")),
    ),
    level(
        "gpu_max",
        "Peak GPU",
        "The greatest use of graphics processors in percent.",
        Unit::Percent,
        Aggregate::Maximum(float("gpu_percent")),
    ),
    level(
        "gpu_p95",
        "95th percentile of GPU",
        "95 of 100 samples show less use of graphics processors.",
        Unit::Percent,
        Aggregate::Quantile(float("gpu_percent"), 0.95),
    ),
    level(
        "gpu_memory_avg",
        "Average GPU memory",
        "The mean memory of graphics processors in use, in megabytes.",
        Unit::Megabytes,
        Aggregate::Average(float("gpu_memory_mb")),
    ),
    level(
        "gpu_memory_max",
        "Peak GPU memory",
        "The most memory of graphics processors in use, in megabytes.",
        Unit::Megabytes,
        Aggregate::Maximum(float("gpu_memory_mb")),
    ),
    level(
        "gpu_memory_p95",
        "95th percentile of GPU memory",
        "95 of 100 samples show less memory of graphics processors in use.",
        Unit::Megabytes,
        Aggregate::Quantile(float("gpu_memory_mb"), 0.95),
    ),
    level(
        "disk_avg",
        "Average disk",
        "The mean use of disks in percent.",
        Unit::Percent,
        Aggregate::Average(float("disk_percent")),
    ),
    level(
        "disk_max",
        "Peak disk",
        "The greatest use of disks in percent.",
        Unit::Percent,
        Aggregate::Maximum(float("disk_percent")),
    ),
    level(
        "disk_p95",
        "95th percentile of disk",
        "95 of 100 samples show less use of disks.",
        Unit::Percent,
        Aggregate::Quantile(float("disk_percent"), 0.95),
    ),
    queue_depth(
        "queue_depth_avg",
        "Average queue depth",
        "The mean number of things that wait in the queue.",
        Aggregate::Average(whole("queue_depth")),
    ),
    queue_depth(
        "queue_depth_max",
        "Peak queue depth",
        "The greatest number of things that wait in the queue.",
        Aggregate::Maximum(whole("queue_depth")),
    ),
    queue_depth(
        "queue_depth_p95",
        "95th percentile of queue depth",
        "95 of 100 samples show fewer things that wait in the queue.",
        Aggregate::Quantile(whole("queue_depth"), 0.95),
    ),
    bytes(
        "disk_read_bytes",
        "Read from disks",
        "Bytes read from disks, all samples together.",
    ),
    bytes(
        "disk_write_bytes",
        "Written to disks",
        "Bytes written to disks, all samples together.",
    ),
    bytes(
        "network_receive_bytes",
        "Received",
        "Bytes received over networks, all samples together.",
    ),
    bytes(
        "network_send_bytes",
        "Sent",
        "Bytes sent over networks, all samples together.",
    ),
    distinct(
        "distinct_hosts",
        "Hosts",
        "How many different hosts samples were taken on.",
        "host",
    ),
    distinct(
        "distinct_executions",
        "Executions",
        "How many different executions samples were taken of.",
        "execution_id",
    ),
];

static DIMENSIONS: &[Dimension] = &[
    workflow("The workflow of the execution that the sample was taken of."),
    user("The user for whom that execution ran."),
    by(same(
        "host",
        "Host",
        "The host that the sample was taken on.",
        Kind::Text,
    )),
];

const fn level_field(
    name: &'static str,
    aliases: &'static [&'static str],
    label: &'static str,
    definition: &'static str,
    column: &'static str,
    unit: Unit,
) -> Field {
    Field {
        name,
        aliases,
        label,
        definition,
        column,
        kind: Kind::Float { unit },
    }
}

static FIELDS: &[Field] = &[
    same("id", "Id", "The sender's id of the sample.", Kind::Text),
    execution_id("The execution that the sample was taken of."),
    level_field(
        "cpu",
        &["cpu_percent"],
        "CPU",
        "The use of processors in percent, where 100 is one of them in full.",
        "cpu_percent",
        Unit::Percent,
    ),
    level_field(
        "memory",
        &["memory_mb"],
        "Memory",
        "The memory in use, in megabytes.",
        "memory_mb",
        Unit::Megabytes,
    ),
    level_field(
        "gpu",
        &["gpu_percent"],
        "GPU",
        "The use of graphics processors in percent.",
        "gpu_percent",
        Unit::Percent,
    ),
    level_field(
        "gpu_memory",
        &["gpu_memory_mb"],
        "GPU memory",
        "The memory of graphics processors in use, in megabytes.",
        "gpu_memory_mb",
        Unit::Megabytes,
    ),
    level_field(
        "disk",
        &["disk_percent"],
        "Disk",
        "The use of disks in percent.",
        "disk_percent",
        Unit::Percent,
    ),
    same(
        "queue_depth",
        "Queue depth",
        "How many things wait in the queue.",
        whole_numbers(Unit::Count),
    ),
    same(
        "disk_read_bytes",
        "Read from disks",
        "Bytes read from disks.",
        whole_numbers(Unit::Bytes),
    ),
    same(
        "disk_write_bytes",
        "Written to disks",
        "Bytes written to disks.",
        whole_numbers(Unit::Bytes),
    ),
    same(
        "network_receive_bytes",
        "Received",
        "Bytes received over networks.",
        whole_numbers(Unit::Bytes),
    ),
    same(
        "network_send_bytes",
        "Sent",
        "Bytes sent over networks.",
        whole_numbers(Unit::Bytes),
    ),
];
