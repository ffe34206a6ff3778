//! Dead letters.

use tacho_metastore::{DeadLetterState, DeadLetterTotals, Error, NewDeadLetter, Options, PAYLOAD_BYTES_MAX};

use crate::{Fixture, later, now, organization};

fn letter(payload: impl Into<String>) -> NewDeadLetter {
    NewDeadLetter {
        code: "unknown_field".to_owned(),
        message: "there is no such field".to_owned(),
        pointer: Some("/colour".to_owned()),
        record_type: Some("execution".to_owned()),
        source: "http".to_owned(),
        payload: payload.into(),
        payload_truncated: false,
    }
}

fn letters(range: std::ops::Range<u32>) -> Vec<NewDeadLetter> {
    range.map(|number| letter(number.to_string())).collect()
}

#[tokio::test]
async fn pages_go_from_the_newest_to_the_oldest_and_miss_none() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store
        .insert_dead_letters(fixture.organization, &letters(0..5), now())
        .await
        .unwrap();
    store
        .insert_dead_letters(fixture.organization, &letters(5..7), later(1))
        .await
        .unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = store
            .dead_letters(fixture.organization, Some(DeadLetterState::Open), 3, cursor)
            .await
            .unwrap();
        assert_eq!(page.total, 7);
        for summary in &page.letters {
            seen.push(
                store
                    .dead_letter(fixture.organization, summary.id)
                    .await
                    .unwrap()
                    .payload,
            );
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["6", "5", "4", "3", "2", "1", "0"]);
}

#[tokio::test]
async fn long_payloads_are_cut_between_characters_and_say_so() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let long = format!("x{}", "é".repeat(PAYLOAD_BYTES_MAX));
    store
        .insert_dead_letters(fixture.organization, &[letter(long.clone())], now())
        .await
        .unwrap();
    let page = store
        .dead_letters(fixture.organization, None, 10, None)
        .await
        .unwrap();
    let kept = store
        .dead_letter(fixture.organization, page.letters[0].id)
        .await
        .unwrap();
    assert!(kept.summary.is_truncated);
    assert_eq!(kept.summary.payload_bytes, long.len() as u64);
    assert_eq!(kept.payload.len(), PAYLOAD_BYTES_MAX - 1);
}

#[tokio::test]
async fn a_letter_is_mended_and_settled_once() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let organization = fixture.organization;
    store
        .insert_dead_letters(organization, &letters(0..2), now())
        .await
        .unwrap();
    let page = store.dead_letters(organization, None, 10, None).await.unwrap();
    let (one, two) = (page.letters[0].id, page.letters[1].id);
    let mended = store.mend_dead_letter(organization, one, "{}").await.unwrap();
    assert_eq!(
        (mended.payload.as_str(), mended.summary.state),
        ("{}", DeadLetterState::Open)
    );
    store
        .settle_dead_letter(organization, one, DeadLetterState::Replayed)
        .await
        .unwrap();
    store
        .settle_dead_letter(organization, two, DeadLetterState::Discarded)
        .await
        .unwrap();
    for state in [DeadLetterState::Replayed, DeadLetterState::Discarded] {
        assert!(matches!(
            store.settle_dead_letter(organization, one, state).await,
            Err(Error::Settled)
        ));
    }
    assert!(matches!(
        store.mend_dead_letter(organization, two, "{}").await,
        Err(Error::Settled)
    ));
    let totals = store.dead_letter_totals(organization).await.unwrap();
    assert_eq!(
        totals,
        DeadLetterTotals {
            open: 0,
            replayed: 1,
            discarded: 1,
            dropped: 0
        }
    );
}

#[tokio::test]
async fn past_the_bound_settled_letters_go_first_then_the_oldest_open_and_are_counted() {
    let fixture = Fixture::with(Options { dead_letters_max: 4 }).await;
    let store = &fixture.store;
    let organization = fixture.organization;
    store
        .insert_dead_letters(organization, &letters(0..4), now())
        .await
        .unwrap();
    let newest = store
        .dead_letters(organization, None, 1, None)
        .await
        .unwrap()
        .letters[0]
        .id;
    store
        .settle_dead_letter(organization, newest, DeadLetterState::Discarded)
        .await
        .unwrap();
    store
        .insert_dead_letters(organization, &letters(4..7), later(1))
        .await
        .unwrap();
    let totals = store.dead_letter_totals(organization).await.unwrap();
    assert_eq!(
        totals,
        DeadLetterTotals {
            open: 4,
            replayed: 0,
            discarded: 0,
            dropped: 2
        }
    );
    let page = store.dead_letters(organization, None, 10, None).await.unwrap();
    let mut kept = Vec::new();
    for summary in page.letters {
        kept.push(store.dead_letter(organization, summary.id).await.unwrap().payload);
    }
    assert_eq!(kept, ["6", "5", "4", "2"]);
}

#[tokio::test]
async fn letters_of_another_organization_are_not_there() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store
        .insert_dead_letters(fixture.organization, &letters(0..1), now())
        .await
        .unwrap();
    let id = store
        .dead_letters(fixture.organization, None, 1, None)
        .await
        .unwrap()
        .letters[0]
        .id;
    let other = store
        .create_organization(organization("Other"), now())
        .await
        .unwrap()
        .id;
    assert!(matches!(
        store.dead_letter(other, id).await,
        Err(Error::NotFound(_))
    ));
    assert!(matches!(
        store.mend_dead_letter(other, id, "{}").await,
        Err(Error::NotFound(_))
    ));
    let settled = store
        .settle_dead_letter(other, id, DeadLetterState::Discarded)
        .await;
    assert!(matches!(settled, Err(Error::NotFound(_))));
    assert!(
        store
            .dead_letters(other, None, 10, None)
            .await
            .unwrap()
            .letters
            .is_empty()
    );
}
