//! What Telegram refuses, and how it words it.

use super::*;

async fn refused(w: &World, method: &str, params: serde_json::Value) -> (i64, String) {
    let answer = w.raw(method, params).await;
    assert_eq!(answer["ok"], false, "{answer}");
    (answer["error_code"].as_i64().unwrap(), answer["description"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_message_must_be_as_telegram_takes_it() {
    let w = world().await;
    w.sara().says("hi").unwrap();
    let button = |button: serde_json::Value| json!({ "inline_keyboard": [[button]] });
    let cases = [
        (json!({ "text": " \n " }), "message text is empty"),
        (json!({ "text": "a".repeat(4097) }), "message is too long"),
        (
            json!({ "text": "<b>x", "parse_mode": "HTML" }),
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            json!({ "text": "x", "reply_markup": button(json!({ "text": "b", "callback_data": "ب".repeat(33) })) }),
            "BUTTON_DATA_INVALID",
        ),
        (json!({ "text": "x", "reply_markup": button(json!({ "text": "b", "url": "happ://add/x" })) }), "BUTTON_URL_INVALID"),
        (
            json!({ "text": "x", "reply_markup": button(json!({ "text": "b" })) }),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (json!({ "text": "x", "reply_parameters": { "message_id": 99 } }), "message to be replied not found"),
        (json!({ "text": "x", "message_thread_id": 5 }), "message thread not found"),
    ];
    for (mut params, words) in cases {
        params["chat_id"] = SARA.into();
        assert_eq!(refused(&w, "SENDMESSAGE", params).await, (400, format!("Bad Request: {words}")));
    }
    let longest = json!({ "chat_id": SARA, "text": format!("<b>{}</b>", "a".repeat(4096)), "parse_mode": "html" });
    assert_eq!(w.raw("sendMessage", longest).await["ok"], true, "markup does not count");
    let caption = w.bot.send_photo(sara_id(), InputFile::memory(png(9, 9))).caption("a".repeat(1025)).await.unwrap_err();
    assert!(caption.to_string().contains("message caption is too long"), "{caption}");
    let broken = w.bot.send_photo(sara_id(), InputFile::memory("no picture")).await.unwrap_err();
    assert!(matches!(broken, RequestError::Api(ApiError::ImageProcessFailed)), "{broken:?}");
}

#[tokio::test]
async fn who_cannot_be_written_to() {
    let w = world().await;
    let unknown = w.bot.send_message(teloxide::types::ChatId(555), "x").await.unwrap_err();
    assert!(matches!(unknown, RequestError::Api(ApiError::ChatNotFound)));
    let text = json!({ "chat_id": SARA, "text": "x" });
    assert_eq!(
        refused(&w, "sendMessage", text.clone()).await,
        (403, "Forbidden: bot can't initiate conversation with a user".into())
    );
    w.sara().starts("").unwrap();
    w.sara().blocks().unwrap();
    let blocked = w.bot.send_message(sara_id(), "x").await.unwrap_err();
    assert!(matches!(blocked, RequestError::Api(ApiError::BotBlocked)));
    assert_eq!(refused(&w, "flyToTheMoon", text).await, (404, "Not Found".into()));
    let stranger = Bot::new("43:other").set_api_url(w.url.parse().unwrap()).get_me().await.unwrap_err();
    assert!(matches!(stranger, RequestError::Api(ApiError::InvalidToken)), "{stranger:?}");
}

#[tokio::test]
async fn what_cannot_be_edited_or_deleted() {
    let w = world().await;
    let said = w.sara().says("hi").unwrap();
    let sent = w.bot.send_message(sara_id(), "x").await.unwrap();
    let photo = w.bot.send_photo(sara_id(), InputFile::memory(png(9, 9))).await.unwrap();
    let edit = |id: i64| json!({ "chat_id": SARA, "message_id": id, "text": "y" });
    assert_eq!(refused(&w, "editMessageText", edit(said)).await.1, "Bad Request: message can't be edited");
    assert_eq!(refused(&w, "editMessageText", edit(99)).await.1, "Bad Request: message to edit not found");
    let long = json!({ "chat_id": SARA, "message_id": sent.id.0, "text": "a".repeat(4097) });
    assert_eq!(refused(&w, "editMessageText", long).await.1, "Bad Request: MESSAGE_TOO_LONG");
    let text = edit(i64::from(photo.id.0));
    assert_eq!(refused(&w, "editMessageText", text).await.1, "Bad Request: there is no text in the message to edit");
    let caption = json!({ "chat_id": SARA, "message_id": sent.id.0, "caption": "y" });
    let refusal = refused(&w, "editMessageCaption", caption).await.1;
    assert_eq!(refusal, "Bad Request: there is no caption in the message to edit");
    w.now.fetch_add(3 * 86_400, Ordering::Relaxed);
    let delete = json!({ "chat_id": SARA, "message_id": sent.id.0 });
    assert_eq!(refused(&w, "deleteMessage", delete).await.1, "Bad Request: message can't be deleted for everyone");
    let gone = json!({ "chat_id": SARA, "message_id": 99 });
    assert_eq!(refused(&w, "deleteMessage", gone).await.1, "Bad Request: message to delete not found");
}

#[tokio::test]
async fn a_penalty_lasts_and_is_counted() {
    let w = world().await;
    w.sara().says("hi").unwrap();
    let many = Fault::new(FaultKind::TooMany { retry_after: 7 }).on("sendMessage").for_chat(SARA).times(1);
    w.telegram.fault(many);
    let refused = w.bot.send_message(sara_id(), "x").await.unwrap_err();
    assert!(matches!(refused, RequestError::RetryAfter(after) if after.seconds() == 7), "{refused:?}");
    w.now.fetch_add(3, Ordering::Relaxed);
    let again = w.bot.send_message(sara_id(), "x").await.unwrap_err();
    assert!(matches!(again, RequestError::RetryAfter(_)));
    assert_eq!(w.telegram.counters().sent_while_penalised, 1);
    w.now.fetch_add(5, Ordering::Relaxed);
    w.bot.send_message(sara_id(), "x").await.unwrap();
    assert!(w.telegram.faults().is_empty(), "spent");
}

#[tokio::test]
async fn an_answer_may_be_lost_though_the_thing_was_done() {
    let w = world().await;
    w.sara().says("hi").unwrap();
    w.telegram.fault(Fault::new(FaultKind::DropAnswer).on("sendMessage").every(2));
    w.bot.send_message(sara_id(), "one").await.unwrap();
    let lost = w.bot.send_message(sara_id(), "two").await.unwrap_err();
    assert!(matches!(lost, RequestError::Network(_)), "{lost:?}");
    assert_eq!(w.telegram.last_from_bot(SARA).unwrap().text, "two");
    w.telegram.clear_faults(None);
    let fault = Fault::new(FaultKind::Status { code: 403, description: "Forbidden: user is deactivated".into() }).times(1);
    w.telegram.fault(fault);
    let refused = w.bot.send_message(sara_id(), "three").await.unwrap_err();
    assert!(matches!(refused, RequestError::Api(ApiError::UserDeactivated)));
    let codes: Vec<_> = w.telegram.calls().iter().map(|call| call.code).collect();
    assert_eq!(codes, [200, 0, 403]);
}

#[tokio::test]
async fn floods_are_held_back_when_asked() {
    let w = world().await;
    w.sara().says("hi").unwrap();
    w.telegram.limit_floods(true);
    let mut sent = 0;
    while w.bot.send_message(sara_id(), "x").await.is_ok() {
        sent += 1;
        assert!(sent < 30);
    }
    assert!((3..=6).contains(&sent), "{sent} in a burst");
}
