//! A user's logins in pages (cases 56, 58).

use super::*;

on_every_database!(pages_go_on_where_they_ended a_page_is_of_one_user);

async fn ids(store: &Store, user: &User, limit: u32, before: Option<&str>) -> Vec<String> {
    let page = Page { limit, before: before.map(str::to_owned) };
    store.sessions(&user.id, &page).await.unwrap().into_iter().map(|session| session.id).collect()
}

async fn pages_go_on_where_they_ended(place: Place) {
    let store = place.open().await;
    // Three moments, and three logins in each.
    let mut user = None;
    for (moment, token) in [(1, "d"), (0, "b"), (2, "g"), (0, "a"), (1, "f"), (2, "i"), (1, "e"), (2, "h"), (0, "c")] {
        user = Some(logged_in(&store, &login(1, token), after(moment)).await);
    }
    let user = user.unwrap();
    let newest_first = ["i", "h", "g", "f", "e", "d", "c", "b", "a"];
    assert_eq!(ids(&store, &user, 100, None).await, newest_first);
    for limit in 1..=10 {
        let mut read: Vec<String> = Vec::new();
        loop {
            let page = ids(&store, &user, limit, read.last().map(String::as_str)).await;
            assert!(page.len() <= limit as usize);
            if page.is_empty() {
                break;
            }
            read.extend(page);
        }
        assert_eq!(read, newest_first, "in pages of {limit}");
    }
}

async fn a_page_is_of_one_user(place: Place) {
    let store = place.open().await;
    let mine = logged_in(&store, &login(1, "mine"), after(1)).await;
    let theirs = logged_in(&store, &login(2, "theirs"), after(2)).await;
    assert_eq!(ids(&store, &mine, 100, None).await, ["mine"]);
    assert_eq!(ids(&store, &theirs, 100, None).await, ["theirs"]);
    for before in ["theirs", "none", ""] {
        assert!(ids(&store, &mine, 100, Some(before)).await.is_empty(), "{before} tells nothing");
    }
}
