//! What a restored server says while it makes the store from the journal.

use crate::instance::{Instance, binary, run};

/// Law: a question is answered with all that was restored, or with 503 and when to ask again, never with a part of it; also
/// after a server that was killed while it made the store.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_server_never_answers_with_less() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::create(&binary(), folder.path().join("data"));
    let backups = folder.path().join("backups");
    let measures = ["count".to_owned()];
    let server = instance.serve().await;
    server.send_history(1).await;
    server.wait_until_projected().await;
    let expected = server.query("steps", &measures).await;
    run(instance.backup(&backups, &[]));
    drop(server);

    let copy = instance.restored(&backups, folder.path().join("copy"), &[]);
    let slowly = [("TACHO_FAIL_POINT", "projection_apply:1:sleep=1000")];
    let killed = copy.serve_with(&slowly).await;
    assert!(!killed.ask("steps", &measures).await.status().is_success());
    drop(killed);
    let server = copy.serve_with(&slowly).await;
    let (rows, refusals) = server.query_in_time("steps", &measures).await;
    assert!(refusals > 0, "the store was there at once");
    assert_eq!(rows, expected);
    // And when nothing holds it up.
    drop(server);
    let quick = instance.restored(&backups, folder.path().join("quick"), &[]);
    let (rows, _) = quick.serve().await.query_in_time("steps", &measures).await;
    assert_eq!(rows, expected);
}
