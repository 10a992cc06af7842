//! The subscription link, as a customer's app sees it.
//! Always: asked with the agent of an app that gets the plain list of links; an empty list is a refusal, never a success.
//! Never: the panel's API, a login.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use reqwest::Method;

use super::super::super::http::{Body, Call, Http, ProviderError};
use super::client::failure;

/// Marzban chooses the form of its answer by this.
const APP_AGENT: &str = "v2rayNG/1.9.5";

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Opens the link once and gives the servers in it.
pub(super) async fn servers(http: &Http, subscription_url: &str) -> Result<Vec<String>, ProviderError> {
    let url = subscription_url.parse().map_err(|_| ProviderError::refused("config", "the link's address is not one"))?;
    let call = Call { method: Method::GET, url, label: "/sub/{token}", bearer: None, agent: Some(APP_AGENT), body: Body::None };
    let answer = http.ask(call).await?;
    if answer.status == 404 {
        return Err(ProviderError::Absent);
    }
    if !answer.is_ok() {
        return Err(failure(&answer));
    }
    let found = decode(&answer.body);
    if found.is_empty() {
        return Err(ProviderError::refused("no_servers", "the link opens, and there is no server in it"));
    }
    Ok(found)
}

/// Lines that are links, out of base64 of either alphabet, or out of plain text.
fn decode(body: &[u8]) -> Vec<String> {
    let packed: Vec<u8> = body.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    let plain = STANDARD.decode(&packed).or_else(|_| URL_SAFE.decode(&packed)).unwrap_or_else(|_| body.to_vec());
    String::from_utf8_lossy(&plain).lines().map(str::trim).filter(|line| is_server(line)).map(str::to_owned).collect()
}

fn is_server(line: &str) -> bool {
    line.split_once("://").is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && !scheme.is_empty()
            && scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            && !matches!(scheme, "http" | "https")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_found_in_base64_and_in_plain_text() {
        let two = "vless://a@h.example:1?x=/#n\ntrojan://b@h.example:2";
        let expected: Vec<&str> = two.lines().collect();
        for body in [
            two.to_owned(),
            STANDARD.encode(two),
            URL_SAFE.encode(two),
            format!("{}\n", STANDARD.encode(two).trim_end_matches('=')),
        ] {
            assert_eq!(decode(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn a_page_or_nothing_holds_no_servers() {
        for body in ["", "\n", "<html><a href=\"https://x.example\">x</a></html>", "https://x.example/", "{}"] {
            assert_eq!(decode(body.as_bytes()), Vec::<String>::new(), "{body}");
        }
    }
}
