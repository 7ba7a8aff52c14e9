//! Does what the path's first segment says, with the rest as its argument, and answers with what came of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bindings::wasi::keyvalue::{atomics, batch, store};
use spin_sdk::http::{BoxBody, EmptyBody, FullBody, Request, Response, body, box_body, send};
use spin_sdk::key_value::Store;
use spin_sdk::{http_service, time, variables, wasip3};

static REQUESTS: AtomicUsize = AtomicUsize::new(0);

#[http_service]
async fn handle(request: Request) -> anyhow::Result<Response<BoxBody>> {
    let count = REQUESTS.fetch_add(1, Ordering::Relaxed) + 1;
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let (action, argument) = path.split_once('/').unwrap_or((&path, ""));
    let text = match action {
        // How many requests this instance has seen.
        "count" => count.to_string(),
        "panic" => std::process::abort(),
        "headers" => format!("{} {:?}", request.uri(), request.headers()),
        "variable" => format!("{:?}", variables::get(argument).await),
        "file" => format!("{:?}", std::fs::read_to_string(format!("/{argument}")).map_err(|error| error.kind())),
        "write" => format!("{:?}", std::fs::write(format!("/{argument}"), "x").map_err(|error| error.kind())),
        "print" => {
            println!("{argument}");
            eprintln!("{argument}!");
            String::new()
        }
        "set" => format!("{:?}", Store::open_default().await?.set("key", argument).await),
        "get" => format!("{:?}", Store::open_default().await?.get(argument).await.map(|value| value.map(String::from_utf8))),
        "keys" => format!("{:?}", Store::open_default().await?.get_keys().await.collect().await),
        "open" => format!("{:?}", Store::open(argument).await.err()),
        "increment" => format!("{:?}", atomics::increment(&bucket()?, argument, 1)),
        "swap" => swap(argument)?,
        "batch" => many()?,
        // Answers at once and works on.
        "later" => {
            let argument = argument.to_owned();
            wasip3::spawn(async move {
                time::sleep(Duration::from_millis(20)).await;
                println!("later {argument}");
            });
            String::new()
        }
        // Sends a request to the URL that is the argument, with the header that `x-header` names.
        "fetch" => return fetch(argument, &request).await,
        "refused-header" => {
            let response = Response::builder().header("keep-alive", "1");
            return Ok(response.body(box_body(FullBody::new("".into())))?);
        }
        // Keeps a stream open without sending anything more.
        "silence" => {
            let (mut sender, body) = body::stream::<&'static str>();
            sender.try_send("first")?;
            wasip3::spawn(async move {
                time::sleep(Duration::from_secs(3600)).await;
                drop(sender);
            });
            return Ok(Response::new(box_body(body)));
        }
        other => anyhow::bail!("what is {other:?}?"),
    };
    Ok(Response::new(box_body(FullBody::new(text.into()))))
}

async fn fetch(url: &str, request: &Request) -> anyhow::Result<Response<BoxBody>> {
    let mut outgoing = http::Request::get(url);
    if let Some(name) = request.headers().get("x-header") {
        outgoing = outgoing.header(name.to_str()?, "1");
    }
    match send(outgoing.body(EmptyBody::new())?).await {
        Ok(response) => Ok(Response::new(box_body(response.into_body()))),
        Err(error) => Ok(Response::builder().status(502).body(box_body(FullBody::new(format!("{error:?}").into())))?),
    }
}

/// A compare-and-swap that another write overtakes, and the one after it.
fn swap(key: &str) -> anyhow::Result<String> {
    let bucket = bucket()?;
    bucket.set(key, b"old")?;
    let cas = atomics::Cas::new(&bucket, key)?;
    cas.current()?;
    bucket.set(key, b"other")?;
    let Err(atomics::CasError::CasFailed(retry)) = atomics::swap(cas, b"new") else { return Ok("swapped too early".into()) };
    retry.current()?;
    let swapped = atomics::swap(retry, b"new").is_ok();
    Ok(format!("{swapped} {:?}", bucket.get(key)?.map(String::from_utf8)))
}

fn many() -> anyhow::Result<String> {
    let bucket = bucket()?;
    batch::set_many(&bucket, &[("a".into(), b"1".to_vec()), ("b".into(), b"2".to_vec())])?;
    batch::delete_many(&bucket, &["a".into()])?;
    let values = batch::get_many(&bucket, &["a".into(), "b".into()])?;
    Ok(format!("{values:?} {} {:?}", bucket.exists("b")?, bucket.list_keys(None)?.keys))
}

fn bucket() -> anyhow::Result<store::Bucket> {
    Ok(store::open("default")?)
}

mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "../wit",
        world: "probe",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        generate_all,
    });
}
