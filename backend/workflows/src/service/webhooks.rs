//! Messages to other systems (Standard Webhooks): written with the change that they tell of, sent afterwards, at least once.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use db::{Database, Event, Housekeeping, Recorded, WriteTx};
use hmac::{Hmac, Mac as _};
use kernel::{Code, Error, Ts};
use rand::RngCore as _;
use sha2::Sha256;

use crate::{
    model::{Delivery, Webhook, WebhookId},
    store,
};

/// Seconds until the next attempt, by the number of those that failed.
const AGAIN: &[i64] = &[5, 60, 300, 1_800, 7_200, 18_000, 36_000, 86_400];

/// Adds a target; the secret is shown once.
pub fn create(tx: &mut WriteTx<'_>, name: &str, url: &str) -> Result<Recorded<Webhook>, Error> {
    let mut secret = [0_u8; 32];
    rand::rng().fill_bytes(&mut secret);
    let row = Webhook {
        id: WebhookId::new(),
        name: name.to_owned(),
        url: url.to_owned(),
        secret: format!("whsec_{}", BASE64_STANDARD.encode(secret)),
        active: true,
        version: 1,
    };
    let event = Event::new("webhook.created", row.id, row.name.clone()).created().set("url", &row.url);
    tx.record(event, |rows| store::insert_webhook(rows, &row)).map(|recorded| recorded.map(|()| row))
}

/// Changes a target.
pub fn change(
    tx: &mut WriteTx<'_>,
    id: WebhookId,
    expected: i32,
    name: Option<&str>,
    url: Option<&str>,
    active: Option<bool>,
) -> Result<Recorded<()>, Error> {
    let before = store::webhook(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let mut after = before.clone();
    if let Some(name) = name {
        name.clone_into(&mut after.name);
    }
    if let Some(url) = url {
        url.clone_into(&mut after.url);
    }
    after.active = active.unwrap_or(after.active);
    let event = Event::new("webhook.changed", id, after.name.clone())
        .step(expected)
        .change("name", &before.name, &after.name)
        .change("url", &before.url, &after.url)
        .change("active", &before.active, &after.active);
    if event.changes_nothing() {
        return if before.version == expected { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update_webhook(rows, &after, expected))
}

/// The headers of a delivery: id, time, signature.
pub fn headers(delivery: &Delivery, webhook: &Webhook, at: Ts) -> Result<[(&'static str, String); 3], Error> {
    let seconds = at.micros() / 1_000_000;
    let key = BASE64_STANDARD.decode(webhook.secret.trim_start_matches("whsec_")).map_err(Error::internal)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Error::internal)?;
    mac.update(format!("{}.{seconds}.{}", delivery.id, delivery.body).as_bytes());
    let signature = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
    Ok([("webhook-id", delivery.id.to_string()), ("webhook-timestamp", seconds.to_string()), ("webhook-signature", signature)])
}

/// When a failed delivery is tried again; never if it has failed too often.
#[must_use]
pub fn next_attempt(now: Ts, failures: i32) -> Option<Ts> {
    let place = usize::try_from(failures - 1).unwrap_or_default();
    AGAIN.get(place).map(|seconds| now.plus_seconds(*seconds))
}

/// How long one replica keeps what it took, in seconds.
const LEASE: i64 = 60;
/// Messages taken at once.
const ROUND: i64 = 20;

/// A message to be sent.
pub struct Outgoing {
    delivery: Delivery,
    url: String,
    headers: [(&'static str, String); 3],
}

impl Outgoing {
    /// Where to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
    /// What.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.delivery.body
    }
    /// Id, time and signature.
    #[must_use]
    pub const fn headers(&self) -> &[(&'static str, String); 3] {
        &self.headers
    }
}

/// Takes messages that are due; no other replica takes them meanwhile.
pub async fn take(db: &Database) -> Result<Vec<Outgoing>, Error> {
    db.housekeep(Housekeeping::Outbox, |rows| {
        let now = rows.now();
        let taken = store::lease(rows, LEASE, ROUND)?;
        let outgoing = |(delivery, webhook): (Delivery, Webhook)| {
            let headers = headers(&delivery, &webhook, now)?;
            Ok(Outgoing { url: webhook.url, delivery, headers })
        };
        taken.into_iter().filter(|(_, webhook)| webhook.active).map(outgoing).collect()
    })
    .await
}

/// Notes what became of a message.
pub async fn settle(db: &Database, sent: &Outgoing, result: Result<(), String>) -> Result<(), Error> {
    let (id, attempts) = (sent.delivery.id, sent.delivery.attempts + 1);
    db.housekeep(Housekeeping::Outbox, move |rows| match &result {
        Ok(()) => store::delivered(rows, id, true, None, attempts, None),
        Err(reason) => {
            let next = next_attempt(rows.now(), attempts);
            let reason: String = reason.chars().take(300).collect();
            store::delivered(rows, id, false, next, attempts, Some(&reason))
        }
    })
    .await
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let webhook = Webhook {
            id: WebhookId::new(),
            name: String::new(),
            url: String::new(),
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
            active: true,
            version: 1,
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(&BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()).unwrap();
        mac.update(b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}");
        assert_eq!(BASE64_STANDARD.encode(mac.finalize().into_bytes()), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let delivery = Delivery {
            id: crate::model::DeliveryId::new(),
            webhook_id: webhook.id,
            case_id: None,
            body: "{}".to_owned(),
            created_at: Ts::from_micros(0),
            next_at: None,
            attempts: 0,
            lease_until: None,
            delivered_at: None,
            last_error: None,
        };
        let [_, (_, at), (_, signature)] = headers(&delivery, &webhook, Ts::from_micros(1_614_265_330_000_000)).unwrap();
        assert_eq!(at, "1614265330");
        assert!(signature.starts_with("v1,"));
    }

    #[test]
    fn what_fails_is_tried_again_ever_later_and_then_given_up() {
        let now = Ts::from_micros(0);
        let times: Vec<Option<Ts>> = (1..=9).map(|failures| next_attempt(now, failures)).collect();
        assert!(times.windows(2).all(|pair| pair[1].is_none() || pair[0] < pair[1]));
        assert_eq!(times[8], None);
    }
}
