//! What the fuzz targets compare the program's readers with: readers of the same formats that share no code with them.
//!
//! They are written for clearness, not speed, straight from the texts of the standards. A difference between the two is a fault of
//! one of them.

pub mod form;
pub mod hyper_client;
pub mod json;
pub mod token;
