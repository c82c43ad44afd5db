// SPDX-License-Identifier: Apache-2.0
//! /items on axum and aws-sdk-dynamodb: what an engineer at home in Rust would put in mod_items's place.
//!
//! Configured by the environment: PORT, TABLE_NAME and what the SDK reads itself (AWS_REGION,
//! AWS_ENDPOINT_URL_DYNAMODB, keys, SSL_CERT_FILE). The SDK's own pool of connections has no ceiling.

mod items;

use std::{env, io::Write, net::Ipv4Addr, time::Duration};

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use axum::{Router, extract::DefaultBodyLimit, routing::get};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

const BODY_LIMIT: usize = 1 << 20;

type Fault = Box<dyn std::error::Error>;

async fn client() -> aws_sdk_dynamodb::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(500))
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_secs(3))
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(4))
        .load()
        .await;
    aws_sdk_dynamodb::Client::new(&config)
}

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let port: u16 = env::var("PORT")?.parse()?;
    let table = items::Table::new(client().await, env::var("TABLE_NAME")?);
    let app = Router::new()
        .route("/items", get(items::list).post(items::create))
        .route("/items/{id}", get(items::read))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(table);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening on {}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let mut terminate = signal(SignalKind::terminate())?;
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}
