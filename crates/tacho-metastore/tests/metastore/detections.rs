use std::collections::BTreeSet;

use tacho_metastore::{Detection, DetectionFilter, DetectionId, DetectionPage, DetectionsOf, NewDetection};

use crate::{Fixture, later, now, organization};

fn found(kind: &str, workflow: Option<&str>, user: Option<&str>) -> NewDetection {
    NewDetection {
        kind: kind.to_owned(),
        workflow_id: workflow.map(str::to_owned),
        workflow_name: workflow.map(str::to_uppercase),
        user_id: user.map(str::to_owned),
        execution: (kind == "stuck").then(|| ("run-1".to_owned(), 2)),
        since: later(-60),
        detected_at: now(),
        measured: 60_000.0,
        limit: 30_000.5,
        reason: "Running for 1 min; 99 of 100 runs take at most 30 s.".to_owned(),
    }
}

async fn record(
    fixture: &Fixture,
    mut found: Vec<NewDetection>,
    ended: &[DetectionId],
    seconds: i64,
) -> Vec<Detection> {
    let at = later(seconds);
    for found in &mut found {
        found.detected_at = at;
    }
    let ended: Vec<_> = ended.iter().map(|id| (*id, at)).collect();
    let store = &fixture.store;
    store
        .record_detections(fixture.organization, found, &ended)
        .await
        .unwrap()
}

async fn page(fixture: &Fixture, seen: &DetectionsOf, filter: DetectionFilter) -> DetectionPage {
    let store = &fixture.store;
    store
        .detections(fixture.organization, seen, &filter, 500, None)
        .await
        .unwrap()
}

fn workflows(page: &DetectionPage) -> Vec<&str> {
    let detections = page.detections.iter();
    detections
        .map(|detection| detection.found.workflow_id.as_deref().unwrap_or("none"))
        .collect()
}

#[tokio::test]
async fn what_was_found_is_open_until_it_is_over() {
    let fixture = Fixture::new().await;
    let kept = record(
        &fixture,
        vec![
            found("stuck", Some("a"), Some("ada")),
            found("missed_schedule", Some("b"), None),
        ],
        &[],
        0,
    )
    .await;
    let mut open = fixture.store.open_detections(fixture.organization).await.unwrap();
    open.reverse();
    assert_eq!(open, kept);

    let third = record(
        &fixture,
        vec![found("silent", None, Some("ada"))],
        &[kept[0].id],
        10,
    )
    .await;
    // It stays over at the time at which it first was.
    record(&fixture, Vec::new(), &[kept[0].id], 20).await;
    let all = page(&fixture, &DetectionsOf::Everybody, DetectionFilter::default()).await;
    let ends: Vec<_> = all.detections.iter().map(|one| one.ended_at).collect();
    assert_eq!(ends, [None, None, Some(later(10))]);
    let open = fixture.store.open_detections(fixture.organization).await.unwrap();
    assert_eq!(open, [third[0].clone(), kept[1].clone()]);
}

#[tokio::test]
async fn an_owner_sees_those_of_owned_workflows_and_own_ones_without_a_workflow() {
    let fixture = Fixture::new().await;
    record(
        &fixture,
        vec![
            found("stuck", Some("a"), Some("bob")),
            found("stuck", Some("b"), Some("ada")),
            found("stuck", None, Some("ada")),
            found("stuck", None, Some("bob")),
            found("stuck", None, None),
        ],
        &[],
        0,
    )
    .await;
    let seen = DetectionsOf::Owner {
        workflow_ids: vec!["a".to_owned(), "c\"]".to_owned()],
        user_ids: vec!["ada".to_owned(), "ada@example.com".to_owned()],
    };
    let own = page(&fixture, &seen, DetectionFilter::default()).await;
    assert_eq!(workflows(&own), ["none", "a"]);
    assert_eq!(own.detections[0].found.user_id.as_deref(), Some("ada"));
    let nobodys = DetectionsOf::Owner {
        workflow_ids: Vec::new(),
        user_ids: Vec::new(),
    };
    assert_eq!(
        workflows(&page(&fixture, &nobodys, DetectionFilter::default()).await),
        [""; 0]
    );
}

#[tokio::test]
async fn filters_leave_out_what_they_should() {
    let fixture = Fixture::new().await;
    let early = record(&fixture, vec![found("stuck", Some("a"), None)], &[], 0).await;
    record(
        &fixture,
        vec![found("silent", Some("b"), None)],
        &[early[0].id],
        100,
    )
    .await;
    record(&fixture, vec![found("silent", Some("a"), None)], &[], 200).await;
    let everybody = DetectionsOf::Everybody;
    let with = |change: fn(&mut DetectionFilter)| {
        let mut filter = DetectionFilter::default();
        change(&mut filter);
        page(&fixture, &everybody, filter)
    };
    assert_eq!(workflows(&with(|_| {}).await), ["a", "b", "a"]);
    assert_eq!(
        workflows(&with(|filter| filter.kind = Some("silent".to_owned())).await),
        ["a", "b"]
    );
    assert_eq!(
        workflows(&with(|filter| filter.workflow_id = Some("b".to_owned())).await),
        ["b"]
    );
    assert_eq!(workflows(&with(|filter| filter.is_open = true).await), ["a", "b"]);
    assert_eq!(
        workflows(&with(|filter| filter.from = Some(later(99))).await),
        ["a", "b", "a"]
    );
    assert_eq!(
        workflows(&with(|filter| filter.from = Some(later(100))).await),
        ["a", "b"]
    );
    assert_eq!(
        workflows(&with(|filter| filter.to = Some(later(200))).await),
        ["b", "a"]
    );
}

#[tokio::test]
async fn pages_give_each_once_and_nothing_of_other_organizations() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let other = store
        .create_organization(organization("Other"), now())
        .await
        .unwrap();
    let of_other = store
        .record_detections(other.id, vec![found("stuck", Some("theirs"), None)], &[])
        .await
        .unwrap();
    for second in 0..5 {
        record(
            &fixture,
            vec![found("stuck", Some("a"), None), found("stuck", Some("b"), None)],
            &[of_other[0].id],
            second,
        )
        .await;
    }
    let (mut seen, mut cursor, mut pages) = (BTreeSet::new(), None, 0);
    loop {
        let filter = DetectionFilter::default();
        let page = store
            .detections(fixture.organization, &DetectionsOf::Everybody, &filter, 3, cursor)
            .await
            .unwrap();
        assert!(workflows(&page).iter().all(|workflow| *workflow != "theirs"));
        seen.extend(page.detections.iter().map(|detection| detection.id));
        pages += 1;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (10, 4));
    assert_eq!(store.open_detections(other.id).await.unwrap(), of_other);
}

#[tokio::test]
async fn what_was_over_long_ago_goes() {
    let fixture = Fixture::new().await;
    let first = record(&fixture, vec![found("stuck", Some("a"), None)], &[], 0).await;
    let second = record(
        &fixture,
        vec![found("stuck", Some("b"), None)],
        &[first[0].id],
        10,
    )
    .await;
    record(
        &fixture,
        vec![found("stuck", Some("c"), None)],
        &[second[0].id],
        20,
    )
    .await;
    let store = &fixture.store;
    assert_eq!(store.remove_detections_ended_before(later(10)).await.unwrap(), 0);
    assert_eq!(store.remove_detections_ended_before(later(11)).await.unwrap(), 1);
    let everybody = DetectionsOf::Everybody;
    let left = page(&fixture, &everybody, DetectionFilter::default()).await;
    assert_eq!(workflows(&left), ["c", "b"]);
    store.end_all_detections(later(30)).await.unwrap();
    let left = page(&fixture, &everybody, DetectionFilter::default()).await;
    assert_eq!(left.detections[0].ended_at, Some(later(30)));
    assert_eq!(left.detections[1].ended_at, Some(later(20)));
}
