//! Figures as Prometheus reads them.
//!
//! Decides how a family is written, in both forms that are asked for. What is counted, and under which name, is decided by `admin`,
//! which reads the counts of all other modules when somebody asks: counting itself knows neither names nor labels.

use super::Distribution;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, text},
    metrics::{MetricType, exemplar::Exemplar},
    registry::Registry,
};
use std::fmt;

/// The two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The older one, which everything reads.
    Prometheus,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Form {
    /// Its media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Names and values.
pub type Labels = Vec<(&'static str, String)>;

/// All samples of one name.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// Without `_total`.
    name: &'static str,
    help: &'static str,
    samples: Samples,
}

#[derive(Clone, Debug, PartialEq)]
enum Samples {
    Counters(Vec<(Labels, f64)>),
    Gauges(Vec<(Labels, f64)>),
    Histograms(Vec<(Labels, Distribution)>),
}

impl Family {
    /// Numbers that only grow; `_total` is appended to the name.
    pub fn counter(name: &'static str, help: &'static str, samples: impl IntoIterator<Item = (Labels, f64)>) -> Self {
        Self { name, help, samples: Samples::Counters(samples.into_iter().collect()) }
    }

    /// Numbers that come and go.
    pub fn gauge(name: &'static str, help: &'static str, samples: impl IntoIterator<Item = (Labels, f64)>) -> Self {
        Self { name, help, samples: Samples::Gauges(samples.into_iter().collect()) }
    }

    /// Durations.
    pub fn histogram(
        name: &'static str,
        help: &'static str,
        samples: impl IntoIterator<Item = (Labels, Distribution)>,
    ) -> Self {
        Self { name, help, samples: Samples::Histograms(samples.into_iter().collect()) }
    }
}

/// Writes families in this form. A family without a sample is left out.
#[must_use]
pub fn written(families: Vec<Family>, form: Form) -> String {
    let families = families.into_iter().filter(|family| !family.is_empty()).collect();
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Collected { families, form }));
    let mut text = String::with_capacity(16 * 1024);
    // Writing to a String cannot fail.
    let _ = match form {
        Form::Prometheus => text::encode_registry(&mut text, &registry),
        Form::OpenMetrics => text::encode(&mut text, &registry),
    };
    text
}

#[derive(Debug)]
struct Collected {
    families: Vec<Family>,
    form: Form,
}

impl Collector for Collected {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        self.families.iter().try_for_each(|family| family.encode(&mut encoder, self.form))
    }
}

impl Family {
    fn is_empty(&self) -> bool {
        match &self.samples {
            Samples::Counters(samples) | Samples::Gauges(samples) => samples.is_empty(),
            Samples::Histograms(samples) => samples.is_empty(),
        }
    }

    fn encode(&self, encoder: &mut DescriptorEncoder<'_>, form: Form) -> fmt::Result {
        let Self { name, help, samples } = self;
        match samples {
            Samples::Gauges(samples) => {
                let metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
                each(metric, samples, |metric, value| metric.encode_gauge(value))
            }
            // In the older form the name of the family is that of its samples.
            Samples::Counters(samples) if form == Form::Prometheus => {
                let name = format!("{name}_total");
                let metric = encoder.encode_descriptor(&name, help, None, MetricType::Counter)?;
                each(metric, samples, |metric, value| metric.encode_gauge(value))
            }
            Samples::Counters(samples) => {
                let metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
                each(metric, samples, |metric, value| metric.encode_counter(value, None::<&Exemplar<Labels, f64>>))
            }
            Samples::Histograms(samples) => {
                let metric = encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
                each(metric, samples, |metric, Distribution { buckets, sum }| {
                    let count = buckets.iter().map(|(_, count)| count).sum();
                    metric.encode_histogram::<Labels>(*sum, count, buckets, None)
                })
            }
        }
    }
}

fn each<V>(
    mut metric: MetricEncoder<'_>,
    samples: &[(Labels, V)],
    write: impl Fn(&mut MetricEncoder<'_>, &V) -> fmt::Result,
) -> fmt::Result {
    samples.iter().try_for_each(|(labels, value)| match labels.is_empty() {
        true => write(&mut metric, value),
        false => write(&mut metric.encode_family(labels)?, value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn families() -> Vec<Family> {
        let of = |text: &str| vec![("upstream", text.to_owned())];
        let distribution = Distribution { buckets: vec![(0.5, 2), (f64::INFINITY, 1)], sum: 9.25 };
        vec![
            Family::counter("a_wins", "Won.", [(of("m"), 3.0), (of("\"\\\n"), 0.0)]),
            Family::gauge("a_left", "Left.", [(Vec::new(), 0.5)]),
            Family::gauge("a_nothing", "Nobody has it.", []),
            Family::histogram("a_seconds", "Took.", [(of("m"), distribution)]),
        ]
    }

    const BODY: &str = "a_wins_total{upstream=\"m\"} 3.0\na_wins_total{upstream=\"\\\"\\\\\\n\"} 0.0\n\
        # HELP a_left Left.\n# TYPE a_left gauge\na_left 0.5\n\
        # HELP a_seconds Took.\n# TYPE a_seconds histogram\n\
        a_seconds_sum{upstream=\"m\"} 9.25\na_seconds_count{upstream=\"m\"} 3\n\
        a_seconds_bucket{le=\"0.5\",upstream=\"m\"} 2\na_seconds_bucket{le=\"+Inf\",upstream=\"m\"} 3\n";

    #[test]
    fn the_older_form_names_the_family_as_its_samples() {
        let head = "# HELP a_wins_total Won.\n# TYPE a_wins_total counter\n";
        assert_eq!(written(families(), Form::Prometheus), format!("{head}{BODY}"));
    }

    #[test]
    fn openmetrics_ends_by_its_mark() {
        let head = "# HELP a_wins Won.\n# TYPE a_wins counter\n";
        assert_eq!(written(families(), Form::OpenMetrics), format!("{head}{BODY}# EOF\n"));
    }
}
