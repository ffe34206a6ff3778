use tacho_core::{OrganizationId, Role, Timestamp};
use tacho_metastore::{AuditEntry, AuditFilter, AuditQuestion, DataAccess, QUESTION_BYTES_MAX};

use crate::{Fixture, later, now, organization};

fn access(organization: OrganizationId, question: &str, at: Timestamp) -> DataAccess {
    DataAccess {
        organization,
        user: None,
        key: None,
        operation: "POST /api/v1/query".to_owned(),
        question: AuditQuestion::new(question),
        scope: "all",
        address: "192.0.2.1".to_owned(),
        status: 200,
        request_id: format!("r-{}", at.as_micros()),
        at,
    }
}

async fn all(fixture: &Fixture) -> Vec<AuditEntry> {
    found(fixture, AuditFilter::default()).await
}

async fn found(fixture: &Fixture, filter: AuditFilter) -> Vec<AuditEntry> {
    let page = fixture
        .store
        .audit_page(fixture.organization, &filter, 1000, None)
        .await;
    page.unwrap().entries
}

async fn record(fixture: &Fixture, accesses: &[DataAccess]) {
    fixture.store.record_accesses(accesses, 1_000_000).await.unwrap();
}

#[tokio::test]
async fn the_same_within_an_hour_is_one_entry_over_batches() {
    let fixture = Fixture::new().await;
    let ask = |seconds| access(fixture.organization, "{}", later(seconds));
    record(&fixture, &[ask(5), ask(0), ask(10)]).await;
    record(&fixture, &[ask(3599)]).await;
    record(&fixture, &[ask(3600), ask(3601)]).await;
    let entries = all(&fixture).await;
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry.requests, entry.first_at, entry.last_at))
        .collect();
    assert_eq!(told, [(2, later(3600), later(3601)), (4, now(), later(3599))]);
    assert_eq!(entries[1].request_id, format!("r-{}", now().as_micros()));
}

#[tokio::test]
async fn what_differs_in_anything_is_another_entry() {
    let fixture = Fixture::new().await;
    let user = fixture.user("ada@example.com", Role::Member).await;
    let same = access(fixture.organization, "{}", now());
    let long = "x".repeat(QUESTION_BYTES_MAX);
    let different = [
        same.clone(),
        access(fixture.organization, "{\"a\":1}", now()),
        // Cut to the same text.
        access(fixture.organization, &format!("{long}1"), now()),
        access(fixture.organization, &format!("{long}2"), now()),
        DataAccess {
            user: Some((user.id, user.name)),
            ..same.clone()
        },
        DataAccess {
            scope: "owned",
            ..same.clone()
        },
        DataAccess {
            address: "192.0.2.2".to_owned(),
            ..same.clone()
        },
        DataAccess {
            status: 403,
            ..same.clone()
        },
        DataAccess {
            operation: "GET /api/v1/executions".to_owned(),
            ..same.clone()
        },
    ];
    record(&fixture, &different).await;
    record(&fixture, &different).await;
    let entries = all(&fixture).await;
    assert_eq!(entries.len(), different.len());
    assert!(entries.iter().all(|entry| entry.requests == 2));
    assert!(
        entries
            .iter()
            .all(|entry| entry.question.len() <= QUESTION_BYTES_MAX)
    );
}

#[tokio::test]
async fn a_question_is_cut_between_characters() {
    let fixture = Fixture::new().await;
    let question = format!("{}ü", "x".repeat(QUESTION_BYTES_MAX - 1));
    record(&fixture, &[access(fixture.organization, &question, now())]).await;
    assert_eq!(all(&fixture).await[0].question.len(), QUESTION_BYTES_MAX - 1);
}

#[tokio::test]
async fn entries_are_paged_and_found() {
    let fixture = Fixture::new().await;
    let other = fixture
        .store
        .create_organization(organization("Other"), now())
        .await
        .unwrap()
        .id;
    let user = fixture.user("ada@example.com", Role::Member).await;
    let mut accesses: Vec<_> = (0..25)
        .map(|number| {
            access(
                fixture.organization,
                &format!("question {number}"),
                later(number * 600),
            )
        })
        .collect();
    accesses[7].user = Some((user.id, "Ada".to_owned()));
    accesses[8].operation = "GET /api/v1/executions".to_owned();
    accesses.push(access(other, "of others", now()));
    accesses.push(access(OrganizationId::from_bytes([9; 16]), "of nobody", now()));
    record(&fixture, &accesses).await;

    let everything = AuditFilter::default();
    let mut questions = Vec::new();
    let mut cursor = None;
    loop {
        let page = fixture
            .store
            .audit_page(fixture.organization, &everything, 10, cursor);
        let page = page.await.unwrap();
        questions.extend(page.entries.into_iter().map(|entry| entry.question));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..25).rev().map(|number| format!("question {number}")).collect();
    assert_eq!(questions, expected);

    let questions = |filter| async {
        let entries = found(&fixture, filter).await;
        entries
            .into_iter()
            .map(|entry| entry.question)
            .collect::<Vec<_>>()
    };
    let filter = AuditFilter::default();
    let by_user = AuditFilter {
        user_id: Some(user.id),
        ..filter.clone()
    };
    assert_eq!(questions(by_user).await, ["question 7"]);
    let by_operation = AuditFilter {
        operation: Some("GET /api/v1/executions".to_owned()),
        ..filter.clone()
    };
    assert_eq!(questions(by_operation).await, ["question 8"]);
    let by_time = AuditFilter {
        from: Some(later(600)),
        to: Some(later(1800)),
        ..filter.clone()
    };
    assert_eq!(questions(by_time).await, ["question 2", "question 1"]);
    for (search, count) in [
        ("QUESTION 1", 11),
        ("aDa", 1),
        ("192.0.2.", 25),
        ("%", 0),
        ("_", 0),
    ] {
        let by_text = AuditFilter {
            search: Some(search.to_owned()),
            ..filter.clone()
        };
        assert_eq!(questions(by_text).await.len(), count, "{search}");
    }
}

#[tokio::test]
async fn an_entry_counts_at_every_time_of_its_span() {
    let fixture = Fixture::new().await;
    let ask = |seconds| access(fixture.organization, "{}", later(seconds));
    record(&fixture, &[ask(0), ask(3000)]).await;
    for (from, to, count) in [
        (0, 1, 1),
        (1, 3000, 1),
        (3000, 3001, 1),
        (3001, 9000, 0),
        (-10, 0, 0),
    ] {
        let filter = AuditFilter {
            from: Some(later(from)),
            to: Some(later(to)),
            ..AuditFilter::default()
        };
        assert_eq!(found(&fixture, filter).await.len(), count, "{from} to {to}");
    }
}

#[tokio::test]
async fn what_is_too_old_or_too_many_goes_oldest_first() {
    let fixture = Fixture::new().await;
    let ask = |number: i64| access(fixture.organization, &number.to_string(), later(number));
    let first: Vec<_> = (0..30).map(ask).collect();
    fixture.store.record_accesses(&first, 20).await.unwrap();
    let left: Vec<_> = all(&fixture)
        .await
        .iter()
        .map(|entry| entry.question.clone())
        .collect();
    let expected: Vec<_> = (10..30).rev().map(|number| number.to_string()).collect();
    assert_eq!(left, expected);

    let remove = |seconds| {
        fixture
            .store
            .remove_accesses_before(fixture.organization, later(seconds))
    };
    assert_eq!(remove(15).await.unwrap(), 5);
    assert_eq!(remove(15).await.unwrap(), 0);
    assert_eq!(all(&fixture).await.len(), 15);
    // The count has followed: five more fit.
    let more: Vec<_> = (30..36).map(ask).collect();
    fixture.store.record_accesses(&more, 20).await.unwrap();
    assert_eq!(all(&fixture).await.last().unwrap().question, "16");
}
