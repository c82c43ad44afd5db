// SPDX-License-Identifier: Apache-2.0
//! The item, its three calls and what they answer.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::AttributeValue;
use axum::Json;
use axum::extract::{Path, Query, State, rejection::JsonRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const PAGE_DEFAULT: i32 = 20;
const PAGE_MAX: i32 = 100;
const NAME_MAX: usize = 1024;
const STATUS_MAX: usize = 256;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    created_at: String,
    #[serde(default)]
    updated_at: String,
}

/// What a client may set.
#[derive(Deserialize)]
pub struct Draft {
    name: Option<String>,
    description: Option<String>,
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListQuery {
    limit: Option<String>,
    next_token: Option<String>,
    last_key: Option<String>,
}

#[derive(Serialize)]
struct One {
    data: Item,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    data: Vec<Item>,
    count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// The key of the table, which is also what a page token holds.
#[derive(Serialize, Deserialize)]
struct Key {
    id: String,
}

#[derive(Serialize)]
struct Problem {
    error: &'static str,
}

/// An answer that is an error: the client gets fixed words, the log the cause.
pub struct Failure(StatusCode, &'static str);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, Json(Problem { error: self.1 })).into_response()
    }
}

fn bad(words: &'static str) -> Failure {
    Failure(StatusCode::BAD_REQUEST, words)
}

fn upstream(cause: impl std::error::Error) -> Failure {
    eprintln!("dynamodb: {}", DisplayErrorContext(&cause));
    Failure(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable")
}

fn unreadable(cause: impl std::error::Error) -> Failure {
    eprintln!("item: {cause}");
    Failure(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
}

#[derive(Clone)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }
}

fn limit_of(text: Option<&str>) -> Result<i32, Failure> {
    let text = text.unwrap_or("");
    if text.len() > 9 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad("limit must be a number"));
    }
    match text.parse().unwrap_or(0) {
        0 => Ok(PAGE_DEFAULT),
        wanted => Ok(PAGE_MAX.min(wanted)),
    }
}

fn key_of(token: &str) -> Result<Key, Failure> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| bad("invalid page token"))?;
    serde_json::from_slice(&bytes).map_err(|_| bad("invalid page token"))
}

fn token_of(key: &Key) -> Result<String, Failure> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).map_err(unreadable)?))
}

fn check(draft: Draft) -> Result<Item, Failure> {
    let name = draft.name.unwrap_or_default();
    let status = draft.status.filter(|text| !text.is_empty()).unwrap_or_else(|| "active".into());
    if name.trim().is_empty() {
        return Err(bad("Name is required"));
    }
    if name.chars().count() > NAME_MAX {
        return Err(bad("name is too long"));
    }
    if status.chars().count() > STATUS_MAX {
        return Err(bad("status is too long"));
    }
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    Ok(Item {
        id: Uuid::new_v4().to_string(),
        name,
        description: draft.description.unwrap_or_default(),
        status,
        created_at: now.clone(),
        updated_at: now,
    })
}

pub async fn read(
    State(table): State<Table>,
    Path(id): Path<String>,
) -> Result<Json<impl Serialize>, Failure> {
    let found = table
        .client
        .get_item()
        .table_name(&table.name)
        .key("id", AttributeValue::S(id))
        .send()
        .await
        .map_err(upstream)?;
    let item = found.item.ok_or(Failure(StatusCode::NOT_FOUND, "Item not found"))?;
    Ok(Json(One { data: serde_dynamo::from_item(item).map_err(unreadable)? }))
}

pub async fn list(
    State(table): State<Table>,
    Query(query): Query<ListQuery>,
) -> Result<Json<impl Serialize>, Failure> {
    let limit = limit_of(query.limit.as_deref())?;
    let mut scan = table.client.scan().table_name(&table.name).limit(limit);
    let token = query.next_token.or(query.last_key).filter(|token| !token.is_empty());
    if let Some(token) = token {
        scan = scan.exclusive_start_key("id", AttributeValue::S(key_of(&token)?.id));
    }
    let found = scan.send().await.map_err(upstream)?;
    let next_token = match found.last_evaluated_key {
        Some(key) => Some(token_of(&serde_dynamo::from_item(key).map_err(unreadable)?)?),
        None => None,
    };
    let data: Vec<Item> =
        serde_dynamo::from_items(found.items.unwrap_or_default()).map_err(unreadable)?;
    Ok(Json(Page { count: data.len(), data, next_token }))
}

pub async fn create(
    State(table): State<Table>,
    body: Result<Json<Draft>, JsonRejection>,
) -> Result<impl IntoResponse, Failure> {
    let Json(draft) =
        body.map_err(|fault| Failure(fault.status(), "body is not as it should be"))?;
    let item = check(draft)?;
    table
        .client
        .put_item()
        .table_name(&table.name)
        .set_item(Some(serde_dynamo::to_item(&item).map_err(unreadable)?))
        .condition_expression("attribute_not_exists(id)")
        .send()
        .await
        .map_err(upstream)?;
    let place = [(header::LOCATION, format!("/items/{}", item.id))];
    Ok((StatusCode::CREATED, place, Json(One { data: item })))
}
