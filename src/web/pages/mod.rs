//! Pages for people: what they show, how they look and what a browser may do with them. Routes are decided by `routes`.

mod document;
mod html;
pub(super) mod index;
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "no route answers with them yet"))]
pub(super) mod login;

pub(crate) use document::Document;
pub(crate) use html::Html;
