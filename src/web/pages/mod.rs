//! Pages for people: what they show, how they look and what a browser may do with them. Routes are decided by `routes`.

mod document;
mod html;
pub(super) mod index;
pub(super) mod login;

pub(crate) use document::Document;
pub(crate) use html::Html;
