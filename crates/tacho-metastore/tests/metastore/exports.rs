//! Exports that are remembered: their bounds, and who may change them.

use tacho_core::Role;
use tacho_metastore::{
    EXPORT_TASK_BYTES_MAX, EXPORTS_REMEMBERED_MAX, EXPORTS_WAITING_MAX, Error, Export, ExportMaker,
    ExportOutcome, ExportState,
};

use crate::{Fixture, later, now};

fn done() -> ExportOutcome {
    ExportOutcome::Done {
        rows: 7,
        bytes: 70,
        as_of_lsn: 9,
        expires_at: later(100),
    }
}

impl Fixture {
    async fn ask(&self, maker: ExportMaker) -> tacho_metastore::Result<Export> {
        self.store
            .create_export(self.organization, maker, "{}", now())
            .await
    }

    async fn state(&self, export: &Export) -> ExportState {
        self.store
            .export(self.organization, export.id)
            .await
            .unwrap()
            .state
    }
}

#[tokio::test]
async fn an_export_goes_through_its_states_and_no_others() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let maker = ExportMaker::User(fixture.user("ada@example.com", Role::Viewer).await.id);
    let export = fixture.ask(maker).await.unwrap();
    assert_eq!(
        store.export(fixture.organization, export.id).await.unwrap(),
        export
    );
    assert!(
        !store.finish_export(export.id, &done(), later(1)).await.unwrap(),
        "it did not run"
    );
    assert!(!store.delete_export(export.id).await.unwrap(), "it waits");
    assert!(store.start_export(export.id, later(1)).await.unwrap());
    assert!(!store.start_export(export.id, later(1)).await.unwrap());
    // The process ends, and another begins.
    store.requeue_exports().await.unwrap();
    assert_eq!(
        store.exports_in(ExportState::Queued).await.unwrap(),
        std::slice::from_ref(&export)
    );
    assert!(store.start_export(export.id, later(2)).await.unwrap());
    assert!(store.finish_export(export.id, &done(), later(3)).await.unwrap());
    assert!(
        !store.cancel_export(export.id, later(4)).await.unwrap(),
        "it is done"
    );
    let kept = store.export(fixture.organization, export.id).await.unwrap();
    assert_eq!(
        (kept.started_at, kept.finished_at),
        (Some(later(2)), Some(later(3)))
    );
    assert_eq!(
        (kept.rows_expected, kept.rows_written, kept.bytes),
        (Some(7), 7, 70)
    );
    assert!(!store.expire_exports(later(99)).await.unwrap());
    assert!(store.expire_exports(later(100)).await.unwrap());
    assert_eq!(fixture.state(&export).await, ExportState::Expired);
    assert!(store.delete_export(export.id).await.unwrap());

    let export = fixture.ask(maker).await.unwrap();
    assert!(store.start_export(export.id, now()).await.unwrap());
    assert!(store.cancel_export(export.id, now()).await.unwrap());
    assert!(
        !store.finish_export(export.id, &done(), now()).await.unwrap(),
        "it was cancelled"
    );
    assert_eq!(fixture.state(&export).await, ExportState::Cancelled);
}

#[tokio::test]
async fn each_asker_has_so_many_and_no_more() {
    let fixture = Fixture::new().await;
    let [ada, bob] = ["ada@example.com", "bob@example.com"];
    let ada = ExportMaker::User(fixture.user(ada, Role::Viewer).await.id);
    let bob = ExportMaker::User(fixture.user(bob, Role::Viewer).await.id);
    let mut waiting = Vec::new();
    for _ in 0..EXPORTS_WAITING_MAX {
        waiting.push(fixture.ask(ada).await.unwrap());
    }
    assert!(matches!(fixture.ask(ada).await, Err(Error::TooMany { .. })));
    let bobs = fixture.ask(bob).await.unwrap();
    let long = "x".repeat(EXPORT_TASK_BYTES_MAX + 1);
    let refused = fixture
        .store
        .create_export(fixture.organization, bob, &long, now())
        .await;
    assert!(matches!(refused, Err(Error::Invalid { .. })));
    // What has ended is forgotten by and by, but not what has a file.
    let first = waiting.remove(0);
    fixture.store.start_export(first.id, now()).await.unwrap();
    fixture
        .store
        .finish_export(first.id, &done(), now())
        .await
        .unwrap();
    for export in &waiting {
        fixture.store.cancel_export(export.id, now()).await.unwrap();
    }
    for _ in 0..EXPORTS_REMEMBERED_MAX {
        let export = fixture.ask(ada).await.unwrap();
        fixture.store.cancel_export(export.id, now()).await.unwrap();
    }
    let kept = fixture
        .store
        .exports(fixture.organization, Some(ada))
        .await
        .unwrap();
    assert_eq!(kept.len(), EXPORTS_REMEMBERED_MAX as usize);
    assert_eq!(kept.last().unwrap().id, first.id);
    let all = fixture.store.exports(fixture.organization, None).await.unwrap();
    assert!(all.len() == kept.len() + 1 && all.iter().any(|export| export.id == bobs.id));
}
