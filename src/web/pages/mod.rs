//! Pages for people: what they show and how they look. Routes and headers are decided by `routes`.

mod html;
pub(super) mod index;
