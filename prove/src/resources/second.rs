//! Two servers on one data directory.

use anyhow::ensure;

use super::Ground;
use super::refusal::says;
use crate::serving::wait_until_serving;

pub(super) fn refused(ground: &Ground<'_>) -> anyhow::Result<()> {
    let mut server = ground.installation.start()?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(0.3)?;
    ground.outbox.allow(ground.part(0.6));
    says(&ground.refused_start()?, "another Tacho is using")?;
    ensure!(!server.has_ended()?, "the first server has ended");
    ground.send_up_to(1.0)?;
    ground.check_everything()?;
    server.stop()
}
