//! A bare teloxide bot without a database: it says what it hears. What the proofs of load and of crashes compare with.
//!
//! `echo_teloxide API_URL TOKEN [MILLISECONDS]`: how long each handler takes.
use std::time::Duration;
use teloxide::prelude::*;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let (Some(url), Some(token)) = (words.next(), words.next()) else { anyhow::bail!("echo_teloxide API_URL TOKEN [MS]") };
    let pause = Duration::from_millis(words.next().and_then(|ms| ms.parse().ok()).unwrap_or(0));
    let bot = Bot::new(token).set_api_url(url.parse()?);
    let handler = Update::filter_message().endpoint(move |bot: Bot, message: Message| async move {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        if let Some(text) = message.text() {
            bot.send_message(message.chat.id, text).await?;
        }
        ResponseResult::Ok(())
    });
    Dispatcher::builder(bot, handler).default_handler(|_| async {}).build().dispatch().await;
    Ok(())
}
